#include "sim/transport.h"

#include <format>

namespace letterlock::sim {
namespace {

// What the receiver judged: the last hop's envelope, host and address, and the From domain.
struct Envelope {
  std::string from_domain, domain, mail_from, dkim_domain, host, ip, date;
};

Envelope envelope_of(const MailSpec& spec, const Viewpoint& viewpoint, Random& random) {
  const auto& auth = spec.authentication;
  Envelope made{.from_domain = domain_of(spec.from.address)};
  made.domain = auth.envelope_domain.empty() ? made.from_domain : auth.envelope_domain;
  made.dkim_domain = auth.dkim_domain.empty() ? made.from_domain : auth.dkim_domain;
  made.host = auth.host.empty() ? "mail." + made.domain : auth.host;
  made.ip = auth.ip;
  if (spec.relay) {
    made.domain = spec.relay->domain;
    made.host = spec.relay->host;
    made.ip = spec.relay->ip;
  }
  if (viewpoint.internal && viewpoint.provider == ProviderKind::google) {
    made.host = "mail-sor-f41.google.com";
    made.ip = "209.85.220.41";
  }
  made.mail_from = made.domain == made.from_domain ? spec.from.address : "bounce-" + random.hex(8) + "@" + made.domain;
  if (spec.null_sender) made.mail_from = "";
  made.date = rfc5322_date(spec.date + std::chrono::seconds(random.between(1, 9)), 0);
  return made;
}

std::string signature(const std::string& domain, std::string_view selector, Random& random) {
  return std::format(
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s={};\r\n"
      " h=from:to:subject:date:message-id:mime-version:content-type;\r\n bh={}=;\r\n b={}{}==\r\n",
      domain, selector, random.letters(43), random.letters(60), random.letters(110));
}

// One set of ARC headers (RFC 8617) by whoever handled the mail as hop `instance`.
std::string arc_set(int instance, const std::string& domain, std::string_view selector, const std::string& results, TimePoint time,
                    Random& random) {
  const auto seconds = to_unix_micros(time) / 1'000'000;
  return std::format("ARC-Seal: i={}; a=rsa-sha256; t={}; cv={};\r\n        d={}; s={};\r\n        b={}==\r\n", instance, seconds,
                     instance == 1 ? "none" : "pass", domain, selector, random.letters(86)) +
         std::format(
             "ARC-Message-Signature: i={}; a=rsa-sha256; c=relaxed/relaxed; d={}; s={};\r\n"
             "        h=mime-version:message-id:date:subject:from:to;\r\n        bh={}=;\r\n        b={}==\r\n",
             instance, domain, selector, random.letters(43), random.letters(86)) +
         std::format("ARC-Authentication-Results: i={}; {}\r\n", instance, results);
}

// What the sender's own side wrote before the mail left it.
std::string origin_headers(const MailSpec& spec, const Envelope& envelope, Random& random) {
  const auto& auth = spec.authentication;
  std::string out;
  if (auth.dkim != "none") {
    const auto selector = auth.host.ends_with("google.com") ? "20230601" : auth.host.ends_with("outlook.com") ? "selector2" : "s1";
    out += signature(envelope.dkim_domain, selector, random);
  }
  if (auth.host.ends_with(".google.com")) {
    out += std::format(
        "X-Google-DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n        d=1e100.net; s=20230601;\r\n        bh={}=;\r\n        "
        "b={}==\r\n",
        random.letters(43), random.letters(86));
    out += "X-Gm-Message-State: AOJu0Y" + random.letters(60) + "\r\nX-Google-Smtp-Source: AGHT+I" + random.letters(42) + "\r\n";
    out += std::format("X-Received: by 2002:a05:{}:{}:b0:{}:{} with SMTP id {}mr{}f8f.{}.{};\r\n        {}\r\n", random.between(6000, 7400),
                       random.hex(3), random.hex(3), random.hex(4), random.hex(14), random.between(100000, 9999999), random.between(1, 40),
                       to_unix_micros(spec.date) / 1000, rfc5322_date(spec.date, 0));
  } else if (auth.host.ends_with(".outlook.com")) {
    const auto server = std::format("DB{}PR0{}MB{}.eurprd0{}.prod.outlook.com", random.between(3, 9), random.between(1, 9),
                                    random.between(1000, 9999), random.between(1, 9));
    out += arc_set(
        1, "microsoft.com", "arcselector10001",
        std::format(
            "mx.microsoft.com 1; spf=pass\r\n smtp.mailfrom={}; dmarc=pass action=none header.from={};\r\n dkim=pass header.d={}; arc=none",
            envelope.from_domain, envelope.from_domain, envelope.from_domain),
        spec.date, random);
    out += std::format(
        "Received: from {} (2603:10a6:10:{}::{}) by\r\n {} (2603:10a6:10:{}::{}) with Microsoft SMTP Server (version=TLS1_2,\r\n"
        " cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.{}.{}; {}\r\n",
        server, random.hex(3), random.hex(2), server, random.hex(3), random.hex(2), random.between(8000, 8999), random.between(10, 30),
        rfc5322_date(spec.date, 0));
    out += "X-MS-PublicTrafficType: Email\r\nX-MS-TrafficTypeDiagnostic: " + server.substr(0, 13) + ":EE_\r\n";
  } else if (!spec.mailer.empty() || random.chance(60)) {
    out += std::format(
        "Received: from [192.168.{}.{}] (unknown [10.{}.{}.{}])\r\n        by {} (Postfix) with ESMTPSA id {};\r\n        {}\r\n",
        random.between(0, 9), random.between(2, 250), random.between(0, 60), random.between(0, 250), random.between(2, 250),
        auth.host.empty() ? "mail." + envelope.domain : auth.host, random.letters(11), rfc5322_date(spec.date, spec.utc_offset_minutes));
  }
  return out;
}

// A mailing list or forwarder: its own trace, and its word on what it received.
std::string relay_headers(const MailSpec& spec, const Envelope& envelope, Random& random) {
  const auto& relay = *spec.relay;
  const auto results = std::format("{}; dkim=pass header.d={};\r\n        spf=pass smtp.mailfrom={}; dmarc=pass header.from={}", relay.host,
                                   envelope.from_domain, spec.from.address, envelope.from_domain);
  return arc_set(1, relay.domain, "arc1", results, spec.date, random) +
         std::format("Received: from {} ({} [{}])\r\n        by {} (Postfix) with ESMTPS id {}\r\n        for <{}>; {}\r\n",
                     spec.authentication.host.empty() ? "mail." + envelope.from_domain : spec.authentication.host,
                     "mail." + envelope.from_domain, spec.authentication.ip, relay.host, random.letters(11), relay.address,
                     rfc5322_date(spec.date, 0)) +
         (relay.forwards_for.empty() ? "" : "X-Forwarded-For: " + relay.address + " " + relay.forwards_for + "\r\n");
}

std::string google_headers(const MailSpec& spec, const Viewpoint& viewpoint, const Envelope& envelope, Random& random) {
  const auto& auth = spec.authentication;
  const bool relayed = spec.relay.has_value();
  const auto spf = relayed ? std::string("pass") : auth.spf;
  const auto& sender = envelope.mail_from.empty() ? "postmaster@" + envelope.domain : envelope.mail_from;
  const auto spf_text =
      spf == "pass"   ? std::format("pass (google.com: domain of {} designates {} as permitted sender)", sender, envelope.ip)
      : spf == "none" ? std::format("none (google.com: {} does not designate permitted sender hosts)", sender)
                      : std::format("{} (google.com: domain of {} does not designate {} as permitted sender)", spf, sender, envelope.ip);
  std::string results;
  if (relayed)
    results += std::format(
        "       dkim=fail (body hash did not verify) header.i=@{} header.s=s1 header.b={};\r\n"
        "       arc=pass (i=1 spf=pass spfdomain={} dkim=pass dkdomain={} dmarc=pass fromdomain={});\r\n",
        envelope.dkim_domain, random.letters(8), envelope.from_domain, envelope.from_domain, envelope.from_domain);
  else if (auth.dkim == "pass")
    results += std::format("       dkim=pass header.i=@{} header.s=s1 header.b={};\r\n", envelope.dkim_domain, random.letters(8));
  else if (auth.dkim != "none")
    results += std::format("       dkim={} (body hash did not verify) header.i=@{} header.s=s1 header.b={};\r\n", auth.dkim,
                           envelope.dkim_domain, random.letters(8));
  results += std::format("       spf={} smtp.mailfrom={}", spf_text, envelope.mail_from);
  const auto dmarc = relayed ? std::string("fail") : auth.dmarc;
  if (dmarc != "none")
    results += std::format(";\r\n       dmarc={} (p={} sp={} dis={}) header.from={}", dmarc, dmarc == "fail" ? "NONE" : "QUARANTINE",
                           dmarc == "fail" ? "NONE" : "QUARANTINE", relayed ? "NONE arc=pass" : "NONE", envelope.from_domain);

  std::string out = "Delivered-To: " + viewpoint.address + "\r\n";
  out += std::format("Received: by 2002:a05:{}:{}:b0:{}:{} with SMTP id {}csp{};\r\n        {}\r\n", random.between(6000, 7400),
                     random.hex(3), random.hex(3), random.hex(4), random.hex(12), random.between(100000, 9999999), envelope.date);
  out += std::format("X-Received: by 2002:a17:906:{}:b0:{}:{} with SMTP id {}mr{}ejc.{}.{};\r\n        {}\r\n", random.hex(4),
                     random.hex(3), random.hex(4), random.hex(16), random.between(100000, 9999999), random.between(10, 99),
                     to_unix_micros(spec.date) / 1000, envelope.date);
  if (!viewpoint.internal) out += arc_set(relayed ? 2 : 1, "google.com", "arc-20240605", "mx.google.com;\r\n" + results, spec.date, random);
  out += "Return-Path: <" + envelope.mail_from + ">\r\n";
  out += std::format(
      "Received: from {} ({}. [{}])\r\n        by mx.google.com with ESMTPS id {}si{}ejc.{}.{}\r\n        for <{}>\r\n"
      "        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        {}\r\n",
      envelope.host, envelope.host, envelope.ip, random.hex(20), random.between(100000, 9999999), random.between(10, 999),
      to_unix_micros(spec.date) / 1'000'000, viewpoint.address, envelope.date);
  out += std::format("Received-SPF: {} client-ip={};\r\n", spf_text, envelope.ip);
  return out + "Authentication-Results: mx.google.com;\r\n" + results + "\r\n";
}

std::string microsoft_headers(const MailSpec& spec, const Viewpoint& viewpoint, const Envelope& envelope, Random& random) {
  const auto& auth = spec.authentication;
  const auto server = std::format("AM{}PR0{}MB{}.eurprd0{}.prod.outlook.com", random.between(0, 9), random.between(1, 9),
                                  random.between(1000, 9999), random.between(1, 9));
  const auto front = std::format("AM{}PEPF0000{}.mail.protection.outlook.com", random.between(1, 4), random.hex(4));
  const auto has_attachment = spec.attachments.empty() ? "" : "yes";
  std::string out = std::format("Received: from {} (2603:10a6:20b:{}::{})\r\n by {} with HTTPS; {}\r\n", server, random.hex(3),
                                random.hex(2), server, envelope.date);
  if (viewpoint.internal) {
    out += std::format("Received: from {} ([fe80::{}:{}:{}:{}]) by {}\r\n ([fe80::{}:{}%{}]) with mapi id 15.20.{}.{}; {}\r\n", server,
                       random.hex(4), random.hex(4), random.hex(4), random.hex(4), server, random.hex(4), random.hex(4),
                       random.between(2, 9), random.between(8000, 8999), random.between(10, 30), envelope.date);
    out +=
        std::format("Authentication-Results: dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from={};\r\n",
                    envelope.from_domain);
    out +=
        "X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-AuthMechanism: "
        "04\r\nX-MS-Exchange-Organization-AuthSource: " +
        server + "\r\nX-MS-Exchange-Organization-SCL: -1\r\nX-MS-Has-Attach: " + has_attachment + "\r\n";
    return out;
  }
  const bool relayed = spec.relay.has_value();
  const auto spf = relayed ? std::string("pass") : auth.spf;
  const auto dkim = relayed ? std::string("fail") : auth.dkim;
  const auto dmarc = relayed ? std::string("fail") : auth.dmarc;
  const bool suspicious = dmarc == "fail" && !relayed;
  out += std::format(
      "Received: from {} ({})\r\n by {} (10.167.16.{}) with Microsoft SMTP Server (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384) id "
      "15.20.{}.{} via Frontend Transport; {}\r\n",
      envelope.host, envelope.ip, front, random.between(2, 250), random.between(8000, 8999), random.between(10, 30), envelope.date);
  out += std::format(
      "Authentication-Results: spf={} (sender IP is {})\r\n smtp.mailfrom={}; dkim={}\r\n header.d={};dmarc={} action={}\r\n "
      "header.from={};compauth={} reason={}\r\n",
      spf, envelope.ip, envelope.domain,
      dkim == "pass"   ? "pass (signature was verified)"
      : dkim == "none" ? "none (message not signed)"
                       : "fail (body hash did not verify)",
      dkim == "none" ? "none" : envelope.dkim_domain, dmarc, suspicious ? "oreject" : "none", envelope.from_domain,
      suspicious        ? "fail"
      : dmarc == "none" ? "none"
                        : "pass",
      suspicious        ? "000"
      : relayed         ? "130"
      : dmarc == "none" ? "405"
                        : "100");
  out += std::format(
      "Received-SPF: {} (protection.outlook.com: domain of {} {}\r\n {} as permitted sender) receiver=protection.outlook.com;\r\n "
      "client-ip={}; helo={};{}\r\n",
      spf == "pass"   ? "Pass"
      : spf == "none" ? "None"
                      : "Fail",
      envelope.domain, spf == "pass" ? "designates" : "does not designate", envelope.ip, envelope.ip, envelope.host,
      spf == "pass" ? " pr=C" : "");
  out += "Return-Path: " + (envelope.mail_from.empty() ? std::string("<>") : envelope.mail_from) + "\r\n";
  out += "X-MS-Exchange-Organization-AuthAs: Anonymous\r\nX-MS-Exchange-Organization-AuthSource: " + front + "\r\n";
  const int scl = suspicious ? 5 : 1;
  const int bulk = spec.list_unsubscribe.empty() ? 0 : static_cast<int>(random.between(2, 5));
  out += std::format(
      "X-MS-Exchange-Organization-SCL: {}\r\nX-MS-Exchange-Organization-Network-Message-Id:\r\n {}-{}-{}-{}-{}\r\nX-MS-Has-Attach: {}\r\n",
      scl, random.hex(8), random.hex(4), random.hex(4), random.hex(4), random.hex(12), has_attachment);
  out += std::format("X-Microsoft-Antispam: BCL:{};ARA:1444111002|{}|{};\r\n", bulk, random.between(10'000'000'000, 99'000'000'000),
                     random.between(1'000'000, 9'999'999));
  out += std::format("X-Forefront-Antispam-Report:\r\n CIP:{};CTRY:;LANG:{};SCL:{};SRV:{};IPV:NLI;SFV:{};H:{};PTR:{};CAT:{};DIR:INB;\r\n",
                     envelope.ip, spec.language, scl, bulk > 0 ? "BULK" : "", suspicious ? "SPM" : "NSPM", envelope.host, envelope.host,
                     suspicious ? "SPOOF" : "NONE");
  return out;
}

}  // namespace

std::string transport_headers(const MailSpec& spec, const Viewpoint& viewpoint, Random& random) {
  const auto envelope = envelope_of(spec, viewpoint, random);
  auto out = viewpoint.provider == ProviderKind::google ? google_headers(spec, viewpoint, envelope, random)
                                                        : microsoft_headers(spec, viewpoint, envelope, random);
  if (viewpoint.internal) return viewpoint.provider == ProviderKind::google ? out + signature(envelope.dkim_domain, "google", random) : out;
  if (spec.relay) out += relay_headers(spec, envelope, random);
  return out + origin_headers(spec, envelope, random);
}

}  // namespace letterlock::sim
