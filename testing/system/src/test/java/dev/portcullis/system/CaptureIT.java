package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.Link;
import dev.portcullis.net.pcapng.CaptureFiles.Room;
import dev.portcullis.net.pcapng.PcapngReader;
import dev.portcullis.qemu.host.HostCommand;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.ProgramTree;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.vmm.bridge.Bridge;
import dev.portcullis.vmm.bridge.Bridge.Settings;
import dev.portcullis.vmm.bridge.Clocks;
import dev.portcullis.vmm.bridge.Port;
import dev.portcullis.vmm.bridge.Port.Role;
import dev.portcullis.vmm.bridge.Vlans;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Wireshark reads what the bridge captures, and we read what Wireshark's tools write.
class CaptureIT {
  private static final String MACS = "02000000000b 02000000000a";
  private static final String SEGMENT =
      "0800 45000028000140004006 26b4 0a0900050a090001"
          + "0fa00050 000003e8 00000000 50020064 ebe6 0000";
  private static final String ARP =
      "0806 0001080006040001 02000000000a 0a090005 000000000000 0a090001";

  private static ProgramTree wireshark;

  private final AtomicLong epochNanos = new AtomicLong(1_700_000_000_123_456_789L);
  @TempDir private Path folder;

  @BeforeAll
  static void install() throws Exception {
    wireshark = Lab.CACHE.wireshark(Progress.none());
  }

  /// The other end of a port's link.
  private static final class Plug implements Link {
    private Consumer<byte[]> bridge = frame -> {};

    @Override
    public void connect(Consumer<byte[]> receiver) {
      bridge = receiver;
    }

    @Override
    public void send(byte[] frame) {
      // Captured before it came here; that is enough.
    }

    void inject(String hex) {
      bridge.accept(HexFormat.of().parseHex((MACS + hex).replace(" ", "")));
    }
  }

  /// Of a bridge that a segment and an ARP request went through, the capture of the tagged side.
  private Path captured() throws Exception {
    Firewall firewall = new Firewall(entry -> {});
    firewall.load(Ruleset.acceptAll(), Established.CUT);
    Clocks clocks = new Clocks(System::nanoTime, epochNanos::getAndIncrement);
    Bridge bridge = new Bridge(firewall, Settings.USUAL, clocks);
    Plug user = new Plug();
    Plug uplink = new Plug();
    bridge.add("user", Role.MEMBER, user, Vlans.access(10));
    Port port = bridge.add("uplink", Role.MEMBER, uplink, Vlans.trunk(Set.of(10)));
    port.startCapture(folder, Room.USUAL);
    user.inject(SEGMENT);
    uplink.inject("8100000a" + ARP);
    return port.stopCapture().getFirst();
  }

  private static String run(String program, String... words) throws Exception {
    var result = new HostCommand(wireshark.command(program, words)).run(Duration.ofMinutes(2));
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output();
  }

  @Test
  void wiresharkReadsWhatTheBridgeCaptures() throws Exception {
    String told =
        run(
            Cache.TSHARK,
            ("-r %s -T fields -E separator=/s -e frame.time_epoch -e frame.interface_name"
                    + " -e frame.packet_flags_direction -e vlan.id -e tcp.dstport -e arp.opcode")
                .formatted(captured())
                .split(" "));
    List<String> frames = told.lines().filter(line -> line.startsWith("17000")).toList();
    assertThat(frames).hasSize(2);
    assertThat(frames.getFirst()).startsWith("1700000000.123456789 uplink 0x00000002 10 80");
    assertThat(frames.getLast()).matches("1700000000\\.123456790 uplink 0x00000001 10 +1");
  }

  @Test
  void capinfosFindsNothingWrongWithIt() throws Exception {
    assertThat(run(Cache.CAPINFOS, captured().toString()))
        .contains("Wireshark/... - pcapng", "Name = uplink", "Time precision = nanoseconds (9)")
        .contains("Number of packets:   2");
  }

  @Test
  void weReadWhatWiresharkWrites() throws Exception {
    Path ours = captured();
    Path theirs = folder.resolve("theirs.pcapng");
    run(Cache.TSHARK, "-r", ours.toString(), "-w", theirs.toString());
    assertThat(Files.size(theirs)).isPositive();
    try (PcapngReader first = PcapngReader.open(ours);
        PcapngReader second = PcapngReader.open(theirs)) {
      for (int i = 0; i < 2; i++) {
        assertThat(second.next().orElseThrow())
            .usingRecursiveComparison()
            .isEqualTo(first.next().orElseThrow());
      }
      assertThat(second.next()).isEmpty();
      assertThat(second.interfaces()).isEqualTo(first.interfaces());
    }
  }
}
