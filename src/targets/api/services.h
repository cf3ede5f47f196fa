#pragma once

// The domain's services that the routes call, all over one pool. Owned by app/ (or a test); pool, key and clock outlive them. Any thread.

#include "domain/access/access_service.h"
#include "domain/access/api_key_service.h"
#include "domain/access/audit_log.h"
#include "domain/access/idempotency.h"
#include "domain/access/password_reset_service.h"
#include "domain/access/people_service.h"
#include "domain/alerts/alert_service.h"
#include "domain/alerts/alert_statistics.h"
#include "domain/alerts/suppression_service.h"
#include "domain/detection/rule_settings_service.h"
#include "domain/jobs/job_list.h"
#include "domain/tenants/installation_service.h"
#include "domain/tenants/mailbox_list.h"
#include "domain/tenants/retention_service.h"
#include "domain/tenants/tenant_service.h"
#include "domain/webhooks/webhook_service.h"

namespace letterlock::api {

struct Services {
  // tenant_options.private_addresses: webhooks too may name servers that are not public.
  Services(postgres::Pool& pool, const crypto::MasterKey& master_key, Clock& clock, const TenantOptions& tenant_options = {},
           ApiKeyOptions api_key_options = {})
      : access(pool, clock),
        people(pool, access, clock),
        password_resets(pool, access, clock),
        api_keys(pool, clock, api_key_options),
        audit_log(pool),
        idempotency(pool, master_key, clock),
        alerts(pool, clock),
        alert_statistics(pool, clock),
        suppressions(pool, clock),
        rules(pool, clock),
        tenants(pool, master_key, clock, tenant_options),
        mailboxes(pool),
        retention(pool, clock),
        jobs(pool, clock),
        installation(pool, clock),
        webhooks(pool, master_key, clock, {.private_addresses = tenant_options.private_addresses}) {}

  AccessService access;
  PeopleService people;
  PasswordResetService password_resets;
  ApiKeyService api_keys;
  AuditLog audit_log;
  Idempotency idempotency;
  AlertService alerts;
  AlertStatisticsService alert_statistics;
  SuppressionService suppressions;
  RuleSettingsService rules;
  TenantService tenants;
  MailboxList mailboxes;
  RetentionService retention;
  JobList jobs;
  InstallationService installation;
  WebhookService webhooks;
};

}  // namespace letterlock::api
