"""A first sync that takes longer than the broker waits for an acknowledgement: slices and their continuations carry it."""
from system_test import SystemTest


class Slices(SystemTest):
    CONSUMER_TIMEOUT_SECONDS = 8

    def test_first_sync_outlasts_the_consumer_timeout(self):
        self.start_simulator("--seed", "13", "--mailboxes", "3", "--messages", "60", "--page-size", "5")
        self.made = self.make_installation(LETTERLOCK_SLICE_SECONDS_MAX="2", LETTERLOCK_MAILBOXES_PARALLEL="1",
                                           LETTERLOCK_CONSUMER_TIMEOUT_SECONDS=str(self.CONSUMER_TIMEOUT_SECONDS))
        self.made.prepare()
        tenant = self.add_tenant("company")
        self.connect("company", "google")
        truth = {user: messages for user, messages in self.truth("google").items() if messages}
        # So slow that the mail cannot be read before the broker would take an unacknowledged delivery back.
        self.control("/control/faults", {"provider": "google", "match": "messages", "delay_ms": 500, "times": 1000000})
        self.made.start()

        def long_enough():
            return self.sql("SELECT coalesce(max(finished_at) - min(started_at) > make_interval(secs => %d), false) FROM jobs WHERE kind = 'ingestion'"
                            % (2 * self.CONSUMER_TIMEOUT_SECONDS))[0][0]

        self.wait(long_enough, "slices follow one another past the consumer time-out")
        self.control("/control/clear-faults", {})
        self.wait(lambda: self.idle() and self.stored(tenant) == truth, "all mail is there")
        slices, retried, longest = self.sql("SELECT count(*), count(*) FILTER (WHERE attempt > 1 OR state <> 'done'), extract(epoch FROM max(finished_at - started_at)) "
                                            "FROM jobs WHERE kind = 'ingestion'")[0]
        self.assertGreater(slices, 2)
        self.assertEqual(retried, 0, "a delivery was taken away from a slice at work")
        self.assertLess(longest, self.CONSUMER_TIMEOUT_SECONDS)
        print(f"{slices} slices, the longest {longest:.1f} s of at most {self.CONSUMER_TIMEOUT_SECONDS} s, {sum(map(len, truth.values()))} messages")
