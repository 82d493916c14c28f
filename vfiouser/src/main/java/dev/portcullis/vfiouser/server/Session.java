package dev.portcullis.vfiouser.server;

import dev.portcullis.linux.Errno;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.NativeBuffer;
import dev.portcullis.linux.UnixSocket;
import dev.portcullis.memory.RemoteRegion;
import dev.portcullis.vfiouser.transport.Inbox;
import dev.portcullis.vfiouser.wire.Capability;
import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.ProtocolException;
import dev.portcullis.vfiouser.wire.ProtocolException.Consequence;
import dev.portcullis.vfiouser.wire.Version;
import dev.portcullis.vfiouser.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/// The conversation with one client, from handshake to farewell, on the server's thread. Commands
/// are carried out one by one in the order they come; replies to our own questions come in between.
///
/// @vfiouser 0 Command Concurrency
final class Session implements RemoteRegion.Peer {
  /// The longest reply.
  static final int REPLY_BYTES = Wire.MAX_MESSAGE_BYTES;

  private static final long SMALLEST_TRANSFER_BYTES = 16;

  private final UnixSocket socket;
  private final Endpoint endpoint;
  private final Complaints complaints;
  private final NativeBuffer reply;
  private final Inbox inbox;
  private final Outbox outbox;
  private final RemoteReads reads;
  private final ClientMemory memory;
  private final IrqEvents events;
  private final Commands commands;
  private boolean agreed;

  /// A conversation on the calling thread.
  ///
  /// @param in [Inbox#CAPACITY_BYTES] long
  /// @param reply [#REPLY_BYTES] long
  Session(
      UnixSocket socket, Endpoint endpoint, IrqEvents events, NativeBuffer in, NativeBuffer reply) {
    this.socket = socket;
    this.endpoint = endpoint;
    this.events = events;
    this.reply = reply;
    complaints = new Complaints("vfio-user " + endpoint.requester());
    inbox = new Inbox(socket, in, endpoint.limits().patience());
    outbox = new Outbox(socket);
    reads = new RemoteReads(outbox, Thread.currentThread(), endpoint.limits());
    memory = new ClientMemory(endpoint, this, reads, complaints);
    commands =
        new Commands(
            new Regions(endpoint.function(), endpoint.capabilities()), memory, events, reads);
  }

  /// Talks until the client leaves or breaks the rules, then gives back all it brought.
  ///
  /// @vfiouser 0 Client Disconnection
  ///
  /// @param farewell runs as soon as the client can be sent nothing any more
  void run(Runnable farewell) {
    complaints.note("client connected");
    try {
      // Both wake now and then to look at the clock.
      socket.receiveLimit(endpoint.limits().patience());
      socket.sendLimit(endpoint.limits().patience());
      converse();
      outbox.checkTaken();
      complaints.note("client left");
    } catch (ProtocolException e) {
      complaints.about("connection closed: " + e.getMessage());
    } catch (LinuxException e) {
      if (e.errno() == Errno.ECONNRESET) {
        complaints.note("client is gone"); // killed, with replies unread
      } else {
        complaints.about("connection lost: " + e.getMessage());
      }
    } catch (RuntimeException | AssertionError | InternalError ours) {
      complaints.bug("connection closed", ours);
    } finally {
      farewell.run();
      reads.end();
      giveBackMemory();
      events.forgetAll();
      inbox.close();
      socket.close();
    }
  }

  private void giveBackMemory() {
    try {
      memory.clear();
    } catch (RuntimeException | AssertionError ours) {
      complaints.bug("memory was not given back", ours);
    }
  }

  private void converse() throws ProtocolException, LinuxException {
    Header header = inbox.next();
    while (header != null && (header.isReply() ? takeReply(header) : obey(header))) {
      header = inbox.next();
    }
  }

  private boolean takeReply(Header header) throws ProtocolException {
    if (!inbox.descriptors().isEmpty()) {
      throw ProtocolException.broken("reply with descriptors");
    }
    if ((header.id() & Outbox.POSTED) == 0) {
      reads.answer(header, inbox.bytes(), inbox.payloadAt());
    } else if (!outbox.hasPosted() || Command.of(header.command()) != Command.DMA_WRITE) {
      throw ProtocolException.broken("reply to a question that was not asked");
    } else if (header.isError()) {
      // A write that arrives nowhere is nothing unusual: bus mastering may be off.
      complaints.note("client refused a write: " + Errno.of(header.error()));
    }
    return true;
  }

  /// Carries out a command and answers it.
  ///
  /// @return whether the conversation goes on
  private boolean obey(Header header) throws ProtocolException, LinuxException {
    Command command = Command.of(header.command());
    try {
      long payloadBytes = agreed ? execute(command, header) : agree(command, header);
      if (header.wantsReply()) {
        Header answer = header.reply(payloadBytes);
        answer.encode(reply.bytes(), 0);
        outbox.send(reply, answer.sizeBytes());
      }
      return true;
    } catch (ProtocolException e) {
      if (e.consequence() == Consequence.CLOSE) {
        throw e;
      }
      complaints.about(
          "%s refused with %s: %s".formatted(name(command, header), e.errno(), e.getMessage()));
      refuse(header, e.errno());
      return e.consequence() == Consequence.REFUSE;
    } catch (RuntimeException | AssertionError | InternalError ours) {
      // InternalError: a function touched shared memory that its owner has cut.
      complaints.bug(name(command, header) + " failed", ours);
      refuse(header, Errno.EIO);
      return true;
    }
  }

  private static String name(Command command, Header header) {
    return command == Command.UNKNOWN ? "command " + header.command() : command.name();
  }

  private void refuse(Header header, Errno errno) throws LinuxException {
    if (header.wantsReply()) {
      header.refusal(errno).encode(reply.bytes(), 0);
      outbox.send(reply, Header.BYTES);
    }
  }

  private long execute(Command command, Header header) throws ProtocolException {
    return commands.execute(
        command,
        new Commands.Request(
            inbox.bytes(),
            inbox.payloadAt(),
            header.payloadBytes(),
            inbox.descriptors(),
            reply.bytes(),
            Header.BYTES));
  }

  /// The handshake. The answer names what the client named, and is no longer than its question:
  /// QEMU has room for no more.
  ///
  /// @vfiouser 1 VFIO_USER_VERSION
  private long agree(Command command, Header header) throws ProtocolException {
    if (command != Command.VERSION || !inbox.descriptors().isEmpty()) {
      throw ProtocolException.unacceptable(Errno.EINVAL, "handshake expected");
    }
    MemorySegment bytes = inbox.bytes();
    Version theirs = Version.decode(bytes, inbox.payloadAt(), header.payloadBytes());
    if (theirs.major() != 0) {
      throw ProtocolException.unacceptable(
          Errno.ENOTSUP, "version " + theirs.major() + "." + theirs.minor());
    }
    long transferBytes = theirs.value(Capability.MAX_DATA_XFER_SIZE);
    if (transferBytes < SMALLEST_TRANSFER_BYTES) {
      throw ProtocolException.unacceptable(
          Errno.EINVAL, "transfers of " + transferBytes + " bytes");
    }
    outbox.limitTransfers(transferBytes);
    reads.limitTransfers(Math.min(transferBytes, Wire.MAX_TRANSFER_BYTES));
    Map<Capability, Long> ours = new EnumMap<>(Capability.class);
    for (Capability one : theirs.capabilities().keySet()) {
      ours.put(one, offer(one));
    }
    agreed = true;
    endpoint.function().attached();
    return new Version(0, 0, ours).encode(reply.bytes(), Header.BYTES, header.payloadBytes());
  }

  private long offer(Capability capability) {
    return switch (capability) {
      case MAX_MSG_FDS -> Wire.MAX_DESCRIPTORS;
      case MAX_DATA_XFER_SIZE -> Wire.MAX_TRANSFER_BYTES;
      case MAX_DMA_MAPS -> endpoint.limits().dmaMaps();
      case PGSIZES -> 4096;
      case WRITE_MULTIPLE -> 1;
    };
  }

  /// Writes a doubleword to the client's memory: an interrupt message.
  boolean post(long address, int data) {
    return outbox.post(address, data);
  }

  @Override
  public boolean read(long hpa, MemorySegment to, long toOffset, long lengthBytes) {
    return reads.read(hpa, to, toOffset, lengthBytes);
  }

  @Override
  public boolean write(long hpa, MemorySegment from, long fromOffset, long lengthBytes) {
    return outbox.post(hpa, from, fromOffset, lengthBytes);
  }

  /// Ends the conversation from another thread.
  void end() {
    socket.shutdown();
  }
}
