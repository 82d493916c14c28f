package dev.portcullis.vmm.bridge;

import dev.portcullis.net.Link;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The other end of a port's link, held by a test.
final class TestLink implements Link {
  private final List<byte[]> arrived = new CopyOnWriteArrayList<>();
  private volatile Consumer<byte[]> toBridge = frame -> {};
  private volatile Consumer<byte[]> answer = frame -> {};

  @Override
  public void connect(Consumer<byte[]> receiver) {
    toBridge = receiver;
  }

  @Override
  public void send(byte[] frame) {
    arrived.add(frame);
    answer.accept(frame);
  }

  /// What is done with each frame, on the sender's thread.
  void answerWith(Consumer<byte[]> doing) {
    answer = doing;
  }

  /// Sends a frame into the bridge.
  void inject(byte[] frame) {
    toBridge.accept(frame);
  }

  /// Sends a frame with this text, from one station to another.
  void inject(long from, long to, String hexBehind) {
    inject(frame(from, to, hexBehind));
  }

  /// What came out of the bridge since the last call, without the addresses.
  List<String> taken() {
    List<String> taken = new ArrayList<>();
    for (byte[] frame : arrived) {
      taken.add(HexFormat.of().formatHex(frame, 12, frame.length));
    }
    arrived.clear();
    return taken;
  }

  static byte[] frame(long from, long to, String hexBehind) {
    return HexFormat.of().parseHex("%012x%012x%s".formatted(to, from, hexBehind.replace(" ", "")));
  }
}
