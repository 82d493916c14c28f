package dev.portcullis.qtest.client;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/// Drives a machine over qtest: QEMU's, or ours.
///
/// Commands that answer nothing are sent with the next ones that do, in order, and fail then; so
/// thousands of them cost little more than one. For one thread.
public final class QtestClient implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int CHUNK_BYTES = 1 << 20;

  private final Conversation conversation;
  private final List<Reply> posted = new ArrayList<>();
  private final Queue<Interrupt> interrupts = new ArrayDeque<>();

  private QtestClient(SocketChannel channel) throws IOException {
    conversation = new Conversation(channel, LIMIT, this::noteInterrupt);
  }

  /// A client of the machine at the other end of `channel`, which it closes.
  public static QtestClient over(SocketChannel channel) throws IOException {
    return new QtestClient(channel);
  }

  /// Connects to a machine that listens at `path`.
  public static QtestClient connect(Path path) throws IOException {
    return new QtestClient(SocketChannel.open(UnixDomainSocketAddress.of(path)));
  }

  private void noteInterrupt(String line) {
    String[] words = line.split(" ");
    if (words.length == 3 && words[2].matches("\\d{1,9}")) {
      Interrupt.Change change =
          words[1].equals("raise") ? Interrupt.Change.RAISE : Interrupt.Change.LOWER;
      interrupts.add(new Interrupt(Integer.parseInt(words[2]), change));
    }
  }

  /// Sends any command.
  ///
  /// @return what follows `OK` in the answer
  public String command(String line) throws QtestException {
    Reply reply = conversation.send(line);
    flush();
    return reply.outcome();
  }

  /// Waits until everything sent has been carried out.
  ///
  /// @throws QtestException if any of it was refused
  public void flush() throws QtestException {
    conversation.transfer();
    for (Reply reply : posted) {
      reply.outcome();
    }
    posted.clear();
  }

  private void post(String line) throws QtestException {
    posted.add(conversation.send(line));
    if (posted.size() >= 1 << 14) {
      flush();
    }
  }

  /// Writes `widthBytes` (1, 2, 4 or 8) bytes at `address` in one access.
  public void write(long address, int widthBytes, long value) throws QtestException {
    post("write%c 0x%x 0x%x".formatted(letter(widthBytes), address, value));
  }

  /// Reads `widthBytes` (1, 2, 4 or 8) bytes at `address` in one access.
  public long read(long address, int widthBytes) throws QtestException {
    return readLater(address, widthBytes).value();
  }

  /// Reads as [#read(long, int)] does, after what has been sent before, without waiting for it.
  public Later readLater(long address, int widthBytes) throws QtestException {
    return new Later(conversation.send("read%c 0x%x".formatted(letter(widthBytes), address)));
  }

  /// Writes bytes, in as many commands as it takes.
  public void writeBytes(long address, byte[] bytes) throws QtestException {
    for (int done = 0; done < bytes.length; done += CHUNK_BYTES) {
      int step = Math.min(CHUNK_BYTES, bytes.length - done);
      byte[] part = Arrays.copyOfRange(bytes, done, done + step);
      String text = Base64.getEncoder().encodeToString(part);
      post("b64write 0x%x 0x%x %s".formatted(address + done, step, text));
    }
  }

  /// Reads bytes, in as many commands as it takes.
  public byte[] readBytes(long address, int lengthBytes) throws QtestException {
    byte[] bytes = new byte[lengthBytes];
    for (int done = 0; done < lengthBytes; done += CHUNK_BYTES) {
      int step = Math.min(CHUNK_BYTES, lengthBytes - done);
      String text = command("b64read 0x%x 0x%x".formatted(address + done, step));
      System.arraycopy(decode(text, step), 0, bytes, done, step);
    }
    return bytes;
  }

  private static byte[] decode(String text, int lengthBytes) throws QtestException {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (bytes.length == lengthBytes) {
        return bytes;
      }
      throw new QtestException("%d bytes asked, %d got".formatted(lengthBytes, bytes.length));
    } catch (IllegalArgumentException noBase64) {
      throw new QtestException("the answer is not base64", noBase64);
    }
  }

  /// Sets bytes.
  public void fill(long address, long lengthBytes, byte value) throws QtestException {
    post("memset 0x%x 0x%x 0x%x".formatted(address, lengthBytes, value & 0xff));
  }

  /// Writes `widthBytes` (1, 2 or 4) bytes to a port.
  public void out(int port, int widthBytes, long value) throws QtestException {
    post("out%c 0x%x 0x%x".formatted(letter(widthBytes), port, value));
  }

  /// Reads `widthBytes` (1, 2 or 4) bytes from a port.
  public long in(int port, int widthBytes) throws QtestException {
    return new Later(conversation.send("in%c 0x%x".formatted(letter(widthBytes), port))).value();
  }

  /// Moves the clock on.
  ///
  /// @return nanoseconds it shows then
  public long stepClock(long nanos) throws QtestException {
    return time(command("clock_step " + nanos));
  }

  /// Moves the clock on to when the next thing is due.
  ///
  /// @return nanoseconds it shows then
  public long stepClock() throws QtestException {
    return time(command("clock_step"));
  }

  /// Moves the clock on, and does not wait for it.
  public void passTime(long nanos) throws QtestException {
    post("clock_step " + nanos);
  }

  private static long time(String text) throws QtestException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new QtestException("\"%s\" is no time".formatted(text), e);
    }
  }

  /// Has changes of the interrupt inputs of `device` reported from now on.
  public void intercept(String device) throws QtestException {
    command("irq_intercept_in " + device);
  }

  /// The oldest interrupt that has been reported and not been taken.
  public Optional<Interrupt> takeInterrupt() {
    return Optional.ofNullable(interrupts.poll());
  }

  private static char letter(int widthBytes) {
    return switch (widthBytes) {
      case 1 -> 'b';
      case 2 -> 'w';
      case 4 -> 'l';
      case 8 -> 'q';
      default -> throw new IllegalArgumentException("no access has " + widthBytes + " bytes");
    };
  }

  @Override
  public void close() throws IOException {
    conversation.close();
  }
}
