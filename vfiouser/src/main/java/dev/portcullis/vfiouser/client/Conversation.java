package dev.portcullis.vfiouser.client;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.NativeBuffer;
import dev.portcullis.linux.UnixSocket;
import dev.portcullis.vfiouser.transport.Inbox;
import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.DmaAccess;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.Header.Answer;
import dev.portcullis.vfiouser.wire.ProtocolException;
import dev.portcullis.vfiouser.wire.Wire;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/// Matches answers to questions, and answers the device's questions from the bus meanwhile.
final class Conversation implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final UnixSocket socket;
  private final Bus bus;
  private final ReentrantLock turn = new ReentrantLock();
  private final NativeBuffer out = NativeBuffer.allocate(Wire.MAX_MESSAGE_BYTES);
  private final Map<Integer, CompletableFuture<Answered>> open = new HashMap<>();
  private final Thread reader;
  private int nextId;
  private boolean ended;

  private record Answered(Header header, MemorySegment payload) {}

  Conversation(UnixSocket socket, Bus bus) {
    this.socket = socket;
    this.bus = bus;
    reader = Thread.ofPlatform().daemon().name("vfio-user client").start(this::listen);
  }

  MemorySegment request(Command command, Encoder payload, List<Descriptor> descriptors)
      throws LinuxException, ProtocolException {
    Answered answer = await(send(command, payload, Answer.WANTED, descriptors));
    if (answer.header().isError()) {
      throw ProtocolException.refused(
          Errno.of(answer.header().error()), "server refuses " + command);
    }
    return answer.payload();
  }

  /// Sends a command.
  ///
  /// @return the answer to come; never, if it is not wanted
  CompletableFuture<Answered> send(
      Command command, Encoder payload, Answer wanted, List<Descriptor> descriptors)
      throws LinuxException {
    CompletableFuture<Answered> answer = new CompletableFuture<>();
    turn.lock();
    try {
      int id = nextId++ & 0xffff;
      long payloadBytes = payload.encode(out.bytes(), Header.BYTES);
      Header header = Header.command(id, command, payloadBytes, wanted);
      header.encode(out.bytes(), 0);
      if (wanted == Answer.WANTED) {
        open.put(id, answer);
      }
      if (ended) {
        answer.completeExceptionally(new LinuxException("connection", Errno.EPIPE));
      } else {
        socket.send(out, 0, header.sizeBytes(), descriptors);
      }
      return answer;
    } finally {
      turn.unlock();
    }
  }

  private static Answered await(CompletableFuture<Answered> answer) throws LinuxException {
    try {
      return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new LinuxException("connection", Errno.EPIPE);
    } catch (TimeoutException e) {
      throw new LinuxException("connection", Errno.ETIMEDOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LinuxException("connection", Errno.EINTR);
    }
  }

  private void listen() {
    Inbox inbox = new Inbox(socket, NativeBuffer.allocate(Inbox.CAPACITY_BYTES), PATIENCE);
    try {
      Header header = inbox.next();
      while (header != null) {
        MemorySegment payload = payload(inbox, header);
        if (header.isReply()) {
          take(header, payload);
        } else {
          serve(header, payload);
        }
        header = inbox.next();
      }
    } catch (ProtocolException | LinuxException e) {
      System.getLogger(Conversation.class.getName()).log(Level.DEBUG, "connection ended", e);
    } finally {
      inbox.close();
      end();
    }
  }

  private static MemorySegment payload(Inbox inbox, Header header) {
    return MemorySegment.ofArray(
        inbox
            .bytes()
            .asSlice(inbox.payloadAt(), header.payloadBytes())
            .toArray(ValueLayout.JAVA_BYTE));
  }

  private void take(Header header, MemorySegment payload) throws ProtocolException {
    turn.lock();
    try {
      CompletableFuture<Answered> question = open.remove(header.id());
      if (question == null) {
        throw ProtocolException.broken("reply to a question that was not asked");
      }
      question.complete(new Answered(header, payload));
    } finally {
      turn.unlock();
    }
  }

  private void serve(Header header, MemorySegment payload)
      throws ProtocolException, LinuxException {
    byte[] data = {};
    boolean done;
    switch (Command.of(header.command())) {
      case DMA_READ -> {
        DmaAccess access = DmaAccess.decodeWithoutData(payload, 0, payload.byteSize());
        data = bus.read(access.address(), (int) access.count());
        done = data != null;
      }
      case DMA_WRITE -> {
        DmaAccess access = DmaAccess.decodeWithData(payload, 0, payload.byteSize());
        done =
            bus.write(
                access.address(), payload.asSlice(DmaAccess.BYTES).toArray(ValueLayout.JAVA_BYTE));
      }
      default -> throw ProtocolException.broken("server commands " + header.command());
    }
    if (!done) {
      // As QEMU does: a refusal is told even to those who want no answer.
      answer(header.refusal(Errno.EFAULT), payload, new byte[0]);
    } else if (header.wantsReply()) {
      answer(header.reply(DmaAccess.BYTES + data.length), payload, data);
    }
  }

  private void answer(Header answer, MemorySegment question, byte[] data) throws LinuxException {
    turn.lock();
    try {
      answer.encode(out.bytes(), 0);
      if (!answer.isError()) {
        MemorySegment.copy(question, 0, out.bytes(), Header.BYTES, DmaAccess.BYTES);
        MemorySegment.copy(
            data,
            0,
            out.bytes(),
            ValueLayout.JAVA_BYTE,
            Header.BYTES + DmaAccess.BYTES,
            data.length);
      }
      socket.send(out, 0, answer.sizeBytes(), List.of());
    } finally {
      turn.unlock();
    }
  }

  private void end() {
    turn.lock();
    try {
      ended = true;
      for (CompletableFuture<Answered> question : open.values()) {
        question.completeExceptionally(new LinuxException("connection", Errno.EPIPE));
      }
      open.clear();
    } finally {
      turn.unlock();
    }
  }

  @Override
  public void close() {
    socket.close();
    try {
      reader.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
