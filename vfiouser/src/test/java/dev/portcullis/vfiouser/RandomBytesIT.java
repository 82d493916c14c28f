package dev.portcullis.vfiouser;

import static dev.portcullis.vfiouser.Served.assertLeaksNothing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.Event;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.vfiouser.client.HostilePeer;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.Version;
import dev.portcullis.vfiouser.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Peers that send what chance gives them: first whole streams of noise, then well-framed commands
/// with random contents and descriptors, most of which mean something.
class RandomBytesIT {
  private static final long SEED = 0x5eed;

  private final Random random = new Random(SEED);

  @Test
  void noiseEndsTheConnectionAtMost() throws Exception {
    try (Served served = new Served()) {
      assertLeaksNothing(() -> {
        for (int i = 0; i < 200; i++) {
          try (HostilePeer peer = new HostilePeer(served.server.socket())) {
            byte[] noise = new byte[1 + random.nextInt(500)];
            random.nextBytes(noise);
            peer.send(noise, List.of());
          }
        }
        served.awaitNobody();
        return null;
      });
      assertStillServes(served);
    }
  }

  @Test
  void randomCommandsAreAllAnsweredAndLeaveNothingBehind() throws Exception {
    try (Served served = new Served();
        Descriptor file = MemoryFile.create("random", 1 << 16);
        Descriptor event = Event.create()) {
      assertLeaksNothing(() -> {
        for (int i = 0; i < 20; i++) {
          converse(served, List.of(file, event));
        }
        served.awaitNobody();
        return null;
      });
      assertStillServes(served);
    }
  }

  private void converse(Served served, List<Descriptor> descriptors) throws LinuxException {
    try (HostilePeer peer = new HostilePeer(served.server.socket())) {
      byte[] hello = new byte[Header.BYTES + Version.BYTES];
      new Header(0, 1, hello.length, 0, 0).encode(MemorySegment.ofArray(hello), 0);
      peer.send(hello, List.of());
      assertThat(peer.receive().isError()).isFalse();
      for (int i = 0; i < 200; i++) {
        List<Descriptor> some = new ArrayList<>();
        for (int j = random.nextInt(4); j > 1; j--) {
          some.add(descriptors.get(random.nextInt(descriptors.size())));
        }
        peer.send(command(i), some);
        Header answer = peer.receive();
        assertThat(answer).isNotNull();
        assertThat(answer.id()).isEqualTo(i);
        assertThat(answer.error()).isNotEqualTo(Errno.EIO.number());
      }
    }
  }

  /// A command of the right length, its fields small, aligned, extreme or anything.
  private byte[] command(int id) {
    int command = 2 + random.nextInt(17);
    int words =
        switch (command) {
          case 2, 5 -> 8;
          case 3 -> 6;
          case 4, 6, 7, 9, 16 -> 4;
          case 8 -> 5;
          case 10 -> 4 + random.nextInt(4);
          case 15 -> 2 + 6 * random.nextInt(4);
          default -> random.nextInt(3);
        };
    byte[] message = new byte[Header.BYTES + 4 * words];
    MemorySegment bytes = MemorySegment.ofArray(message);
    new Header(id, command, message.length, 0, 0).encode(bytes, 0);
    for (int i = 0; i < words; i++) {
      Wire.put32(bytes, Header.BYTES + 4L * i, field());
    }
    if (random.nextInt(4) != 0 && words > 0) {
      Wire.put32(bytes, Header.BYTES, 4L * words);
    }
    return message;
  }

  private long field() {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> random.nextInt(64);
      case 2 -> random.nextInt(16) * 0x1000L;
      case 3 -> -random.nextInt(3);
      case 4 -> 1L << random.nextInt(32);
      default -> random.nextInt();
    };
  }

  private static void assertStillServes(Served served) throws Exception {
    try (VfioUserClient client = served.client()) {
      assertThat(client.deviceInfo().regions()).isEqualTo(9);
      assertThat(served.memory.regions()).isEmpty();
    }
  }
}
