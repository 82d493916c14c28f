package dev.portcullis.qtest.server;

import java.util.Map;
import java.util.OptionalLong;

/// The commands that move the clock. Each answers with the time it is then.
final class ClockCommands {
  private final VirtualTime time;

  ClockCommands(VirtualTime time) {
    this.time = time;
  }

  /// Adds the commands to `table`.
  void addTo(Map<String, Command> table) {
    table.put("clock_step", this::step);
    table.put("clock_set", this::set);
  }

  private String step(Words words) throws Refused {
    long before = time.nowNanos();
    time.advanceTo(words.has(1) ? after(before, words.number(1)) : nextDeadline());
    long now = time.nowNanos();
    if (now <= before) {
      throw new Refused("could not advance time");
    }
    return "OK " + now;
  }

  /// Time ends before it overflows.
  private static long after(long now, long nanos) {
    return nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + nanos;
  }

  private long nextDeadline() throws Refused {
    OptionalLong deadline = time.nextDeadlineNanos();
    return deadline.orElseThrow(() ->
        new Refused(
            "cannot advance clock to the next deadline because there is no pending deadline"));
  }

  private String set(Words words) throws Refused {
    long wanted = words.number(1);
    time.advanceTo(wanted);
    long now = time.nowNanos();
    return (now == wanted ? "OK " : "FAIL ") + now;
  }
}
