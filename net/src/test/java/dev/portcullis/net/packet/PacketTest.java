package dev.portcullis.net.packet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.packet.Packet.Network;
import dev.portcullis.net.packet.Packet.Transport;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PacketTest {
  private static final String MACS = "0270630000010270630000aa";
  private static final String TCP_SYN =
      "45000028 0001 4000 40 06 0000 0a090005 0a090001".replace(" ", "")
          + "c000 0050 11223344 55667788 5002 ffff 0000 0000".replace(" ", "");
  private static final String ADDRESSES6 =
      "20010db8000000000000000000000005" + "20010db8000000000000000000000001";

  private static Packet packet(String... hex) {
    return Packet.of(HexFormat.of().parseHex(String.join("", hex).replace(" ", "")));
  }

  @Test
  void readsATcpSegmentOverIpv4() {
    Packet packet = packet(MACS, "0800", TCP_SYN, "0000");
    assertThat(packet.destination()).isEqualTo(0x0270_6300_0001L);
    assertThat(packet.source()).isEqualTo(0x0270_6300_00aaL);
    assertThat(packet.etherType()).isEqualTo(EtherType.IPV4);
    assertThat(packet.vlanId()).isEqualTo(Packet.ABSENT);
    assertThat(packet.network()).isEqualTo(Network.IPV4);
    assertThat(packet.ipSourceLow()).isEqualTo(0x0a09_0005);
    assertThat(packet.ipDestinationLow()).isEqualTo(0x0a09_0001);
    assertThat(packet.ttl()).isEqualTo(64);
    assertThat(packet.isFragment()).isFalse();
    assertThat(packet.transport()).isEqualTo(Transport.TCP);
    assertThat(packet.sourcePort()).isEqualTo(0xc000);
    assertThat(packet.destinationPort()).isEqualTo(80);
    assertThat(packet.tcpFlags()).isEqualTo(TcpFlags.SYN);
    assertThat(packet.tcpSequence()).isEqualTo(0x1122_3344);
    assertThat(packet.tcpAcknowledgement()).isEqualTo(0x5566_7788);
    assertThat(packet.lengthBytes()).isEqualTo(42);
    assertThat(packet.ipLengthBytes()).isEqualTo(40);
    assertThat(packet.dataBytes()).isZero();
    assertThat(packet).hasToString("0270630000aa -> 027063000001 TCP, 56 bytes");
  }

  @Test
  void looksThroughTags() {
    Packet one = packet(MACS, "8100 a064 0800", TCP_SYN);
    assertThat(one.tags()).isEqualTo(1);
    assertThat(one.vlanId()).isEqualTo(100);
    assertThat(one.vlanPriority()).isEqualTo(5);
    assertThat(one.outerType()).isEqualTo(EtherType.VLAN);
    assertThat(one.vlanType()).isEqualTo(EtherType.IPV4);
    assertThat(one.destinationPort()).isEqualTo(80);
    assertThat(one.lengthBytes()).isEqualTo(40);

    Packet two = packet(MACS, "88a8 0007 8100 0064 0800", TCP_SYN);
    assertThat(two.tags()).isEqualTo(2);
    assertThat(two.vlanId()).isEqualTo(7);
    assertThat(two.innerVlanId()).isEqualTo(100);
    assertThat(two.destinationPort()).isEqualTo(80);
  }

  @Test
  void ofThreeTagsTwoAreLookedAt() {
    Packet packet = packet(MACS, "8100 0001 8100 0002 8100 0003 0800", TCP_SYN);
    assertThat(packet.tags()).isEqualTo(2);
    assertThat(packet.etherType()).isEqualTo(EtherType.VLAN);
    assertThat(packet.network()).isEqualTo(Network.NONE);
  }

  @Test
  void readsArp() {
    Packet packet =
        packet(MACS, "0806 0001 0800 06 04 0001 0270630000aa 0a090005 000000000000 0a090001");
    assertThat(packet.network()).isEqualTo(Network.ARP);
    assertThat(packet.arpOperation()).isEqualTo(1);
    assertThat(packet.arpSenderMac()).isEqualTo(0x0270_6300_00aaL);
    assertThat(packet.arpSenderIp()).isEqualTo(0x0a09_0005);
    assertThat(packet.arpTargetMac()).isZero();
    assertThat(packet.arpTargetIp()).isEqualTo(0x0a09_0001);
    assertThat(packet.isIp()).isFalse();
  }

  @Test
  void readsUdpOverIpv6() {
    Packet packet =
        packet(MACS, "86dd 60000000 000a 11 40", ADDRESSES6, "0035 c001 000a 0000 abcd");
    assertThat(packet.network()).isEqualTo(Network.IPV6);
    assertThat(packet.ipSourceHigh()).isEqualTo(0x2001_0db8_0000_0000L);
    assertThat(packet.ipSourceLow()).isEqualTo(5);
    assertThat(packet.ipDestinationLow()).isEqualTo(1);
    assertThat(packet.transport()).isEqualTo(Transport.UDP);
    assertThat(packet.sourcePort()).isEqualTo(53);
    assertThat(packet.dataBytes()).isEqualTo(2);
  }

  @Test
  void followsExtensionHeaders() {
    Packet packet =
        packet(
            MACS,
            "86dd 60000000 0020 00 40",
            ADDRESSES6,
            "2c00 000000000000", // hop by hop, then fragment
            "3a00 0001 00000001", // first of more, then ICMPv6
            "8000 0000 0102 0003 0000000000000000");
    assertThat(packet.protocol()).isEqualTo(Protocol.ICMPV6);
    assertThat(packet.isFragment()).isTrue();
    assertThat(packet.fragmentOffsetBytes()).isZero();
    assertThat(packet.icmpType()).isEqualTo(128);
    assertThat(packet.icmpEchoId()).isEqualTo(0x0102);
  }

  @Test
  void anEndlessRowOfExtensionHeadersHidesTheProtocol() {
    Packet packet =
        packet(MACS, "86dd 60000000 0050 00 40", ADDRESSES6, "0000 000000000000 ".repeat(10));
    assertThat(packet.network()).isEqualTo(Network.IPV6);
    assertThat(packet.protocol()).isEqualTo(Packet.ABSENT);
    assertThat(packet.transport()).isEqualTo(Transport.NONE);
  }

  @Test
  void laterFragmentsHaveNoPorts() {
    String later = TCP_SYN.replace("4000" + "4006", "0003" + "4006");
    Packet packet = packet(MACS, "0800", later);
    assertThat(packet.isFragment()).isTrue();
    assertThat(packet.fragmentOffsetBytes()).isEqualTo(24);
    assertThat(packet.protocol()).isEqualTo(Protocol.TCP);
    assertThat(packet.destinationPort()).isEqualTo(Packet.ABSENT);
  }

  @Test
  void whatIsCutShortIsNotThere() {
    byte[] whole = HexFormat.of().parseHex(MACS + "0800" + TCP_SYN);
    for (int length = 0; length < whole.length; length++) {
      Packet packet = Packet.of(Arrays.copyOf(whole, length));
      assertThat(packet.isEthernet()).isEqualTo(length >= 14);
      assertThat(packet.network()).as("%d bytes", length).isEqualTo(Network.NONE);
      assertThat(packet.tcpFlags()).isEqualTo(Packet.ABSENT);
    }
  }

  @Test
  void impossibleLengthsAreNotBelieved() {
    assertThat(packet(MACS, "0800", TCP_SYN.replaceFirst("45", "44")).network())
        .isEqualTo(Network.NONE);
    assertThat(packet(MACS, "0800", TCP_SYN.replaceFirst("0028", "0029")).network())
        .isEqualTo(Network.NONE);
    assertThat(packet(MACS, "0800", TCP_SYN.replaceFirst("5002", "4002")).transport())
        .isEqualTo(Transport.NONE);
    assertThat(packet(MACS, "0800", TCP_SYN.replaceFirst("5002", "6002")).transport())
        .isEqualTo(Transport.NONE);
  }

  /// Every field of any frame can be asked for: a frame that makes no sense has none.
  @Test
  void noFrameThrows() {
    SplittableRandom random = new SplittableRandom(0x9ac4e7);
    String[] heads = {"0800 45", "86dd 60", "8100 0064 0800 45", "0806 0001 0800 0604", "0800 4f"};
    for (int i = 0; i < 50_000; i++) {
      byte[] frame = new byte[random.nextInt(90)];
      random.nextBytes(frame);
      byte[] head =
          HexFormat.of().parseHex(MACS + heads[random.nextInt(heads.length)].replace(" ", ""));
      System.arraycopy(head, 0, frame, 0, Math.min(head.length, frame.length));
      if (frame.length > 24 && random.nextBoolean()) {
        frame[16] = 0;
        frame[17] = (byte) (frame.length - 14);
        frame[23] = (byte) (random.nextBoolean() ? Protocol.TCP : Protocol.UDP);
      }
      assertThat(everything(Packet.of(frame))).isNotNull();
    }
  }

  private static long everything(Packet p) {
    long sum = p.destination() ^ p.source() ^ p.tags() ^ p.outerType() ^ p.etherType();
    sum += p.vlanId() ^ p.vlanPriority() ^ p.vlanType() ^ p.innerVlanId() ^ p.lengthBytes();
    sum += p.arpOperation() ^ p.arpSenderMac() ^ p.arpSenderIp() ^ p.arpTargetMac();
    sum += p.arpTargetIp() ^ p.ipLengthBytes() ^ p.ipSourceHigh() ^ p.ipSourceLow();
    sum += p.ipDestinationHigh() ^ p.ipDestinationLow() ^ p.ttl() ^ p.protocol();
    sum += p.fragmentOffsetBytes() ^ p.icmpType() ^ p.icmpCode() ^ p.icmpEchoId();
    sum += p.sourcePort() ^ p.destinationPort() ^ p.tcpFlags() ^ p.tcpSequence();
    sum += p.tcpAcknowledgement() ^ p.dataBytes() ^ p.endAt();
    return sum + p.toString().length() + (p.isForMany() ? 1 : 0);
  }
}
