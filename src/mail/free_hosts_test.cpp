#include "mail/free_hosts.h"

#include <gtest/gtest.h>

namespace letterlock::mail {
namespace {

TEST(FreeHostsTest, AHostBelongsToAServiceByAnyParentDomain) {
  EXPECT_TRUE(is_free_host("login-desk.web.app"));
  EXPECT_TRUE(is_free_host("storage.googleapis.com"));
  EXPECT_TRUE(is_free_host("a.b.blob.core.windows.net"));
  EXPECT_FALSE(is_free_host("google.com"));
  EXPECT_FALSE(is_free_host("myweb.app.example"));
  EXPECT_FALSE(is_free_host("web"));
  EXPECT_FALSE(is_free_host(""));
}

}  // namespace
}  // namespace letterlock::mail
