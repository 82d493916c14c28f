package dev.portcullis.vmm.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.vmm.bridge.Port.Role;
import dev.portcullis.vmm.filter.Decision;
import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.Inspection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BridgeVlanTest {
  private static final long A = 0x0200_0000_000aL;
  private static final long B = 0x0200_0000_000bL;
  private static final long ALL = 0xffff_ffff_ffffL;
  private static final String TEXT = "9000cafe";

  private static final Vlans TEN = Vlans.access(10);
  private static final Vlans TRUNK = Vlans.trunk(Set.of(10, 20));
  private static final Vlans NATIVE = Vlans.trunk(Set.of(10, 20), 10);

  private final TestLink in = new TestLink();
  private final TestLink out = new TestLink();
  private final Bridge bridge = new Bridge((packet, from, vlanId) -> new AcceptAll());

  private static final class AcceptAll implements Inspection {
    @Override
    public Decision judge(Hook hook, String to) {
      return Decision.ACCEPT;
    }

    @Override
    public Optional<byte[]> answer() {
      return Optional.empty();
    }
  }

  private static Vlans named(String name) {
    return switch (name) {
      case "ten" -> TEN;
      case "trunk" -> TRUNK;
      case "native" -> NATIVE;
      case "twenty" -> Vlans.access(20);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /// What goes in behind the addresses, and what comes out; tags are 8100 and priority and id.
  @ParameterizedTest
  @CsvSource({
    "ten,    ten,    9000cafe,           9000cafe",
    "ten,    twenty, 9000cafe,           ",
    "ten,    trunk,  9000cafe,           8100000a9000cafe",
    "ten,    native, 9000cafe,           9000cafe",
    "twenty, native, 9000cafe,           810000149000cafe",
    "ten,    ten,    8100000a9000cafe,   9000cafe",
    "ten,    trunk,  8100a00a9000cafe,   8100a00a9000cafe",
    "ten,    trunk,  810000149000cafe,   ",
    "ten,    trunk,  8100e0009000cafe,   8100e00a9000cafe",
    "ten,    ten,    8100e0009000cafe,   9000cafe",
    "trunk,  ten,    9000cafe,           ",
    "trunk,  ten,    8100000a9000cafe,   9000cafe",
    "trunk,  ten,    810000149000cafe,   ",
    "trunk,  twenty, 810060149000cafe,   9000cafe",
    "trunk,  trunk,  810060149000cafe,   810060149000cafe",
    "trunk,  trunk,  8100001e9000cafe,   ",
    "trunk,  native, 8100000a9000cafe,   9000cafe",
    "trunk,  trunk,  8100e0009000cafe,   ",
    "native, trunk,  9000cafe,           8100000a9000cafe",
    "native, ten,    81000fff9000cafe,   ",
    "ten,    trunk,  88a800149000cafe,   8100000a88a800149000cafe",
    "trunk,  ten,    8100000a810000149000cafe, 810000149000cafe",
  })
  void tagsAreKeptAddedAndTakenAway(String from, String to, String goesIn, String comesOut)
      throws Exception {
    bridge.add("in", Role.MEMBER, in, named(from));
    bridge.add("out", Role.MEMBER, out, named(to));
    List<String> expected = comesOut == null ? List.of() : List.of(comesOut);
    in.inject(A, ALL, goesIn);
    assertThat(out.taken()).isEqualTo(expected);
  }

  @Test
  void stationsAreKnownPerLan() throws Exception {
    Port from = bridge.add("in", Role.MEMBER, in, TRUNK);
    Port to = bridge.add("out", Role.MEMBER, out, TRUNK);
    in.inject(A, ALL, "8100000a" + TEXT);
    out.inject(A, ALL, "81000014" + TEXT);
    assertThat(bridge.locate(A, 10)).contains(from);
    assertThat(bridge.locate(A, 20)).contains(to);
  }

  @Test
  void aStationBehindAPortThatLeftTheLanIsNotReached() throws Exception {
    Port from = bridge.add("in", Role.MEMBER, in, TEN);
    Port to = bridge.add("out", Role.MEMBER, out, TEN);
    out.inject(B, ALL, TEXT);
    to.changeVlans(Vlans.access(20));
    in.inject(A, B, TEXT);
    assertThat(out.taken()).isEmpty();
    assertThat(from.counters().drops(DropReason.VLAN)).isEqualTo(1);
  }

  @Test
  void aFrameCutOffInItsTagIsDropped() throws Exception {
    Port from = bridge.add("in", Role.MEMBER, in, TEN);
    bridge.add("out", Role.MEMBER, out, TRUNK);
    in.inject(A, ALL, "8100");
    in.inject(A, ALL, "8100000a");
    in.inject(A, ALL, "8100000a08");
    assertThat(out.taken()).isEmpty();
    assertThat(from.counters().drops(DropReason.TOO_SHORT)).isEqualTo(3);
  }

  @Test
  void onlyRealLansCanBeNamed() {
    for (int id : List.of(-1, 0, 4095)) {
      assertThatThrownBy(() -> Vlans.access(id)).hasMessage("virtual LAN " + id);
    }
    assertThat(new ArrayList<>(List.of(TEN, NATIVE, TRUNK)))
        .hasToString("[own 10 of {10}, own 10 of {10, 20}, tagged {10, 20}]");
  }
}
