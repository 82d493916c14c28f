package dev.portcullis.vmm.filter;

import static dev.portcullis.vmm.filter.Sketch.SERVER;
import static dev.portcullis.vmm.filter.Sketch.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.rule.Part.Counter;
import dev.portcullis.vmm.filter.rule.Rule;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.text.RulesetText;
import dev.portcullis.vmm.filter.track.Connections.Bounds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FirewallConcurrencyTest {
  private static final int THREADS = 3;
  private static final int FRAMES = 30_000;

  /// Both let datagrams to port 1 pass, and none to port 2; the gate of one and the gate of the
  /// other together would.
  private static final String FIRST =
      """
      table bridge t {
        chain in { type filter hook prerouting priority 0; policy drop; udp dport 1 accept; }
        chain on { type filter hook forward priority 0; policy accept; }
      }
      """;

  private static final String SECOND =
      """
      table bridge t {
        chain in { type filter hook prerouting priority 0; policy accept; }
        chain on { type filter hook forward priority 0; policy drop; udp dport 1 accept; }
      }
      """;

  private interface Work {
    void run(int thread) throws Exception;
  }

  private static void onThreads(Work work) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Void>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        running.add(
            threads.submit(() -> {
              work.run(thread);
              return null;
            }));
      }
      for (Future<Void> one : running) {
        one.get();
      }
    }
  }

  private static Packet datagram(int from, int to) {
    return Packet.of(
        Sketch.between(USER, SERVER).ip(0x0a09_0005, 0x0a09_0001, 17, 64).udp(from, to).frame());
  }

  private static boolean passes(Firewall firewall, Packet packet) {
    Inspection inspection = firewall.inspect(packet, "user", 1);
    return inspection.judge(Hook.PREROUTING, "") == Decision.ACCEPT
        && inspection.judge(Hook.FORWARD, "uplink") == Decision.ACCEPT
        && inspection.judge(Hook.POSTROUTING, "uplink") == Decision.ACCEPT;
  }

  @Test
  void noFrameSeesHalfOfARuleset() throws Exception {
    Ruleset first = RulesetText.parse("first", FIRST);
    Ruleset second = RulesetText.parse("second", SECOND);
    Firewall firewall = new Firewall(entry -> {});
    firewall.load(first, Established.KEEP);
    AtomicBoolean done = new AtomicBoolean();
    Packet wanted = datagram(9, 1);
    Packet unwanted = datagram(9, 2);
    try (ExecutorService swapper = Executors.newSingleThreadExecutor()) {
      Future<Integer> swaps = swapper.submit(() -> swapUntil(done, firewall, first, second));
      try {
        onThreads(thread -> {
          for (int i = 0; i < FRAMES; i++) {
            assertThat(passes(firewall, unwanted)).isFalse();
            assertThat(passes(firewall, wanted)).isTrue();
          }
        });
      } finally {
        done.set(true);
      }
      assertThat(swaps.get()).isGreaterThan(1);
    }
  }

  private static int swapUntil(AtomicBoolean done, Firewall firewall, Ruleset first, Ruleset second)
      throws Exception {
    int swaps = 0;
    while (!done.get()) {
      firewall.load(swaps++ % 2 == 0 ? second : first, Established.CUT);
    }
    return swaps;
  }

  @Test
  void countsEveryFrameOfEveryThread() throws Exception {
    String text =
        """
        table bridge t {
          chain on { type filter hook forward priority 0; policy drop; counter accept; }
        }
        """;
    Firewall firewall = new Firewall(entry -> {});
    firewall.load(RulesetText.parse("count", text), Established.KEEP);
    onThreads(thread -> {
      for (int i = 0; i < FRAMES; i++) {
        passes(firewall, datagram(9, thread));
      }
    });
    Ruleset counted = firewall.ruleset().orElseThrow();
    Rule rule = counted.tables().getFirst().chains().getFirst().rules().getFirst();
    long frames = (long) THREADS * FRAMES;
    assertThat(rule.parts().getFirst()).isEqualTo(new Counter(frames, frames * 42));
  }

  @Test
  void neverRemembersMoreConnectionsThanAllowed() throws Exception {
    String text =
        """
        table bridge t {
          chain on { type filter hook forward priority 0; policy drop; ct state new accept; }
        }
        """;
    Firewall firewall = new Firewall(new Bounds(100, 100), () -> 0, entry -> {});
    firewall.load(RulesetText.parse("track", text), Established.KEEP);
    int[] passed = new int[THREADS];
    onThreads(thread -> {
      for (int i = 0; i < 200; i++) {
        passed[thread] += passes(firewall, datagram(1 + thread * 200 + i, 1)) ? 1 : 0;
      }
    });
    assertThat(firewall.connections()).isEqualTo(100);
    assertThat(passed[0] + passed[1] + passed[2]).isEqualTo(100);
  }
}
