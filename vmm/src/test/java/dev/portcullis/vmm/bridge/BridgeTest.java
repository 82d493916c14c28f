package dev.portcullis.vmm.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.pcapng.CaptureFiles.Room;
import dev.portcullis.net.pcapng.CapturedFrame;
import dev.portcullis.net.pcapng.Direction;
import dev.portcullis.net.pcapng.PcapngReader;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.bridge.Bridge.Settings;
import dev.portcullis.vmm.bridge.Port.Role;
import dev.portcullis.vmm.filter.Decision;
import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.Inspection;
import dev.portcullis.vmm.filter.Inspector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BridgeTest {
  private static final long A = 0x0200_0000_000aL;
  private static final long B = 0x0200_0000_000bL;
  private static final long C = 0x0200_0000_000cL;
  private static final long ALL = 0xffff_ffff_ffffL;
  private static final String TEXT = "9000cafe";

  private final AtomicLong now = new AtomicLong(1_000);
  private final Map<Hook, Decision> rules = new EnumMap<>(Hook.class);
  private final List<String> judged = new ArrayList<>();
  private final TestLink user = new TestLink();
  private final TestLink uplink = new TestLink();
  private final TestLink other = new TestLink();
  private Optional<byte[]> answer = Optional.empty();
  private Bridge bridge;
  private Port userPort;
  private Port uplinkPort;
  private Port otherPort;

  @TempDir Path folder;

  @BeforeEach
  void plugIn() throws VmmException {
    Settings settings = new Settings(Duration.ofSeconds(300), 4, 2_000);
    bridge = new Bridge(judge(), settings, new Clocks(now::get, () -> 77));
    userPort = bridge.add("user", user);
    uplinkPort = bridge.add("uplink", uplink);
    otherPort = bridge.add("other", other);
  }

  private Inspector judge() {
    return (packet, in, vlanId) ->
        new Inspection() {
          @Override
          public Decision judge(Hook hook, String out) {
            judged.add("%s %s>%s %d".formatted(hook.word(), in, out, vlanId));
            return rules.getOrDefault(hook, Decision.ACCEPT);
          }

          @Override
          public Optional<byte[]> answer() {
            return answer;
          }
        };
  }

  @Test
  void floodsWhatNobodyKnowsAndNeverSendsItBack() {
    user.inject(A, B, TEXT);
    assertThat(uplink.taken()).containsExactly(TEXT);
    assertThat(other.taken()).containsExactly(TEXT);
    assertThat(user.taken()).isEmpty();
  }

  @Test
  void learnsWhereStationsAre() {
    uplink.inject(B, ALL, TEXT);
    other.taken();
    user.inject(A, B, TEXT);
    assertThat(uplink.taken()).containsExactly(TEXT);
    assertThat(other.taken()).isEmpty();
    assertThat(bridge.locate(A, 1)).contains(userPort);
    assertThat(bridge.locate(B, 1)).contains(uplinkPort);
    assertThat(bridge.locate(B, 2)).isEmpty();
  }

  @Test
  void whatAlreadyIsOnTheRightSideStaysThere() {
    user.inject(A, ALL, TEXT);
    user.inject(B, A, TEXT);
    assertThat(user.taken()).isEmpty();
    assertThat(uplink.taken()).hasSize(1);
    assertThat(userPort.counters().drops(DropReason.SAME_PORT)).isEqualTo(1);
  }

  @Test
  void groupsReachEverybody() {
    uplink.inject(B, 0x0100_5e00_0001L, TEXT);
    assertThat(user.taken()).hasSize(1);
    assertThat(other.taken()).hasSize(1);
  }

  @Test
  void followsAStationThatMoves() {
    user.inject(A, ALL, TEXT);
    other.inject(A, ALL, TEXT);
    assertThat(bridge.locate(A, 1)).contains(otherPort);
    assertThat(userPort.counters().stations()).isZero();
    assertThat(otherPort.counters().stations()).isEqualTo(1);
  }

  @Test
  void forgetsAStationThatSaysNothing() {
    user.inject(A, ALL, TEXT);
    now.addAndGet(Duration.ofSeconds(300).toNanos());
    assertThat(bridge.locate(A, 1)).contains(userPort);
    now.addAndGet(1);
    assertThat(bridge.locate(A, 1)).isEmpty();
    bridge.sweep();
    assertThat(userPort.counters().stations()).isZero();
  }

  @Test
  void aPortThatInventsStationsDrivesOutNobody() {
    user.inject(A, ALL, TEXT);
    for (long mac = 1; mac < 10_000; mac++) {
      other.inject(0x0600_0000_0000L + mac, ALL, TEXT);
    }
    assertThat(otherPort.counters().stations()).isEqualTo(4);
    assertThat(bridge.locate(A, 1)).contains(userPort);
  }

  @Test
  void oldStationsMakeRoomForNewOnes() {
    for (long mac = 1; mac <= 4; mac++) {
      other.inject(0x0600_0000_0000L + mac, ALL, TEXT);
    }
    now.addAndGet(Duration.ofSeconds(301).toNanos());
    other.inject(C, ALL, TEXT);
    assertThat(bridge.locate(C, 1)).contains(otherPort);
    assertThat(otherPort.counters().stations()).isEqualTo(1);
  }

  @Test
  void framesThatMakeNoSenseGoNowhere() {
    user.inject(new byte[13]);
    user.inject(new byte[0]);
    user.inject(new byte[2_001]);
    user.inject(0, B, TEXT);
    user.inject(ALL, B, TEXT);
    user.inject(0x0100_5e00_0001L, B, TEXT);
    user.inject(A, 0x0180_c200_0000L, TEXT);
    user.inject(A, 0x0180_c200_000eL, TEXT);
    assertThat(userPort.counters().drops())
        .isEqualTo(
            Map.of(
                DropReason.TOO_SHORT, 2L,
                DropReason.TOO_LONG, 1L,
                DropReason.INVALID_SOURCE, 3L,
                DropReason.LINK_LOCAL, 2L));
    assertThat(uplink.taken()).isEmpty();
    assertThat(bridge.locate(A, 1)).isEmpty();
    user.inject(A, 0x0180_c200_0010L, TEXT);
    assertThat(uplink.taken()).hasSize(1);
  }

  @Test
  void countsWhatComesAndGoes() {
    user.inject(A, B, TEXT);
    assertThat(userPort.counters()).isEqualTo(new PortCounters(1, 16, 0, 0, Map.of(), 1));
    assertThat(uplinkPort.counters()).isEqualTo(new PortCounters(0, 0, 1, 16, Map.of(), 0));
  }

  @Test
  void judgesAFrameOnItsWayFromPortToPort() {
    user.inject(A, B, TEXT);
    assertThat(judged)
        .containsExactly(
            "prerouting user> 1",
            "forward user>uplink 1",
            "postrouting user>uplink 1",
            "forward user>other 1",
            "postrouting user>other 1");
  }

  @Test
  void judgesWhatIsForOrFromItself() throws VmmException {
    TestLink own = new TestLink();
    bridge.remove(otherPort);
    bridge.add("br0", Role.OWN, own, Vlans.DEFAULT);
    own.inject(C, ALL, TEXT);
    assertThat(judged)
        .containsExactly("output br0> 1", "postrouting br0>user 1", "postrouting br0>uplink 1");
    judged.clear();
    user.inject(A, C, TEXT);
    assertThat(judged).containsExactly("prerouting user> 1", "input user>br0 1");
    assertThat(own.taken()).containsExactly(TEXT);
  }

  @Test
  void dropsWhatTheRulesDropAndSaysWhy() {
    Map<Decision, DropReason> reasons =
        Map.of(
            Decision.DROP, DropReason.FILTERED,
            Decision.REJECT, DropReason.REJECTED,
            Decision.NO_RULES, DropReason.NO_RULES,
            Decision.TOO_MANY_CONNECTIONS, DropReason.TOO_MANY_CONNECTIONS,
            Decision.FAILED, DropReason.FILTER_FAILED);
    reasons.forEach((decision, reason) -> {
      rules.put(Hook.PREROUTING, decision);
      user.inject(A, B, TEXT);
      assertThat(userPort.counters().drops(reason)).isEqualTo(1);
    });
    rules.clear();
    rules.put(Hook.FORWARD, Decision.DROP);
    user.inject(A, B, TEXT);
    assertThat(userPort.counters().drops(DropReason.FILTERED)).isEqualTo(3);
    rules.clear();
    rules.put(Hook.POSTROUTING, Decision.DROP);
    user.inject(A, B, TEXT);
    assertThat(uplink.taken()).isEmpty();
    assertThat(other.taken()).isEmpty();
  }

  @Test
  void tellsASenderOnceThatItWasRejected() {
    rules.put(Hook.FORWARD, Decision.REJECT);
    answer = Optional.of(TestLink.frame(B, A, "9000dead"));
    user.inject(A, B, TEXT);
    assertThat(user.taken()).containsExactly("9000dead");
    userPort.changeVlans(Vlans.trunk(Set.of(1)));
    user.inject(A, B, "81006001" + TEXT);
    assertThat(user.taken()).containsExactly("81000001" + "9000dead");
  }

  @Test
  void aRemovedPortIsForgotten() throws VmmException {
    uplink.inject(B, ALL, TEXT);
    user.taken();
    other.taken();
    bridge.remove(uplinkPort);
    assertThat(bridge.locate(B, 1)).isEmpty();
    assertThat(uplinkPort.isOpen()).isFalse();
    user.inject(A, B, TEXT);
    assertThat(uplink.taken()).isEmpty();
    assertThat(other.taken()).hasSize(1);
    uplink.inject(B, ALL, TEXT);
    assertThat(user.taken()).isEmpty();
    assertThat(bridge.ports()).containsExactly(userPort, otherPort);

    bridge.add("uplink", uplink);
    user.inject(A, B, TEXT);
    assertThat(uplink.taken()).hasSize(1);
  }

  @Test
  void portNamesAreUniqueAndPlain() {
    assertThatThrownBy(() -> bridge.add("user", new TestLink()))
        .isInstanceOf(VmmException.class)
        .hasMessage("the bridge has a port user already");
    for (String name : List.of("", "..", "a/b", "-", "a".repeat(32))) {
      assertThatThrownBy(() -> bridge.add(name, new TestLink()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void capturesWhatComesAndGoes() throws Exception {
    userPort.startCapture(folder, Room.USUAL);
    user.inject(A, B, TEXT);
    uplink.inject(B, A, "9000beef");
    List<Path> files = userPort.stopCapture();
    user.inject(A, B, TEXT);
    List<CapturedFrame> frames = new ArrayList<>();
    try (PcapngReader reader = PcapngReader.open(files.getFirst())) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        frames.add(next.get());
      }
      assertThat(reader.interfaces().getFirst().name()).isEqualTo("user");
    }
    assertThat(frames)
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            CapturedFrame.of(0, 77, Direction.INBOUND, TestLink.frame(A, B, TEXT)),
            CapturedFrame.of(0, 77, Direction.OUTBOUND, TestLink.frame(B, A, "9000beef")));
    assertThat(userPort.captureError()).isEmpty();
  }

  @Test
  void aLinkThatFailsHarmsNoOtherPort() {
    uplink.answerWith(frame -> {
      throw new IllegalStateException("unplugged");
    });
    user.inject(A, B, TEXT);
    assertThat(other.taken()).hasSize(1);
    assertThat(userPort.counters().drops(DropReason.LINK_FAILED)).isEqualTo(1);
    assertThat(uplinkPort.counters().sentFrames()).isZero();
  }

  @Test
  void answersWaitForTheirTurn() {
    List<String> order = new ArrayList<>();
    uplink.answerWith(frame -> {
      order.add("uplink");
      uplink.inject(B, A, "9000beef");
    });
    other.answerWith(frame -> order.add("other"));
    user.answerWith(frame -> order.add("user"));
    user.inject(A, B, TEXT);
    assertThat(order).containsExactly("uplink", "other", "user");
  }

  @Test
  void aLongConversationNeedsNoStack() {
    AtomicLong left = new AtomicLong(50_000);
    user.answerWith(frame -> user.inject(A, B, TEXT));
    uplink.answerWith(frame -> {
      if (left.decrementAndGet() > 0) {
        uplink.inject(B, A, TEXT);
      }
    });
    bridge.remove(otherPort);
    user.inject(A, B, TEXT);
    uplink.inject(B, A, TEXT);
    assertThat(left.get()).isZero();
    assertThat(uplinkPort.counters().drops(DropReason.STORM)).isZero();
  }

  @Test
  void aLoopEnds() throws VmmException {
    TestLink left = new TestLink();
    TestLink right = new TestLink();
    left.answerWith(right::inject);
    right.answerWith(left::inject);
    Port loop = bridge.add("left", left);
    bridge.add("right", right);
    user.inject(A, ALL, TEXT);
    assertThat(loop.counters().drops(DropReason.STORM)).isPositive();
    user.inject(A, B, TEXT);
    assertThat(bridge.ports()).hasSize(5);
  }

  @Test
  void randomFramesHarmNobody() {
    SplittableRandom random = new SplittableRandom(0xb41d6e);
    for (int i = 0; i < 20_000; i++) {
      byte[] frame = new byte[random.nextInt(100)];
      random.nextBytes(frame);
      user.inject(frame);
    }
    PortCounters counters = userPort.counters();
    assertThat(counters.receivedFrames()).isEqualTo(20_000);
    assertThat(uplinkPort.counters().sentFrames() + counters.allDrops()).isEqualTo(20_000);
  }
}
