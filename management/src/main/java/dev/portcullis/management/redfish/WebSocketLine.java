package dev.portcullis.management.redfish;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.DataFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.FramedataImpl1;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.java_websocket.framing.TextFrame;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.HandshakeImpl1Server;
import org.java_websocket.protocols.IProtocol;

/// A WebSocket (RFC 6455), at the server's end of a connection. One thread receives, any may send;
/// sending waits for the other end.
final class WebSocketLine implements AutoCloseable {
  private static final int MOST_HEAD_BYTES = 8 << 10;
  private static final int MOST_MESSAGE_BYTES = 64 << 10;
  private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final Draft_6455 draft;
  private final Queue<Framedata> arrived = new ArrayDeque<>();
  private final byte[] buffer = new byte[MOST_HEAD_BYTES];

  /// @param protocols those of which the other end may choose one
  WebSocketLine(Socket socket, List<IProtocol> protocols) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
    this.draft = new Draft_6455(List.of(), protocols, MOST_MESSAGE_BYTES);
    draft.setParseMode(Role.SERVER);
  }

  /// What the other end asks for.
  ///
  /// @throws IOException if that is no WebSocket
  ClientHandshake request() throws IOException {
    int count = 0;
    while (!endsHead(count)) {
      int next = count < buffer.length ? in.read() : -1;
      if (next < 0) {
        throw new EOFException("no request");
      }
      buffer[count++] = (byte) next;
    }
    try {
      ClientHandshake request =
          (ClientHandshake) draft.translateHandshake(ByteBuffer.wrap(buffer, 0, count));
      if (draft.acceptHandshakeAsServer(request) != HandshakeState.MATCHED) {
        throw new IOException("no WebSocket of version 13");
      }
      return request;
    } catch (InvalidHandshakeException | RuntimeException malformed) {
      throw new IOException("no WebSocket", malformed);
    }
  }

  private boolean endsHead(int count) {
    if (count < HEAD_END.length) {
      return false;
    }
    for (int i = 0; i < HEAD_END.length; i++) {
      if (buffer[count - HEAD_END.length + i] != HEAD_END[i]) {
        return false;
      }
    }
    return true;
  }

  /// Agrees to `request`.
  void accept(ClientHandshake request) throws IOException {
    try {
      var answer = draft.postProcessHandshakeResponseAsServer(request, new HandshakeImpl1Server());
      for (ByteBuffer part : draft.createHandshake(answer)) {
        write(part);
      }
    } catch (InvalidHandshakeException e) {
      throw new IOException("no WebSocket", e);
    }
  }

  /// Which protocol was chosen; empty for none.
  String protocol() {
    return draft.getProtocol() == null ? "" : draft.getProtocol().getProvidedProtocol();
  }

  /// Does not agree.
  ///
  /// @param status of HTTP, with its words
  /// @param headers more lines
  void refuse(String status, String... headers) throws IOException {
    StringBuilder answer = new StringBuilder("HTTP/1.1 " + status + "\r\n");
    for (String header : headers) {
      answer.append(header).append("\r\n");
    }
    answer.append("Content-Length: 0\r\nConnection: close\r\n\r\n");
    write(ByteBuffer.wrap(answer.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  /// What comes next, as text; whole, or a part of something longer. Pings are answered meanwhile.
  ///
  /// @return nothing when the other end leaves, and waits for the [#end] of this one
  /// @throws IOException if it does not speak the protocol, or is gone
  Optional<String> receive() throws IOException {
    while (true) {
      Framedata frame = next();
      Opcode kind = frame.getOpcode();
      if (kind == Opcode.CLOSING) {
        return Optional.empty();
      } else if (kind == Opcode.PING) {
        PongFrame pong = new PongFrame();
        pong.setPayload(frame.getPayloadData());
        send(pong);
      } else if (kind != Opcode.PONG) {
        return Optional.of(StandardCharsets.UTF_8.decode(frame.getPayloadData()).toString());
      }
    }
  }

  private Framedata next() throws IOException {
    while (arrived.isEmpty()) {
      int count = in.read(buffer);
      if (count < 0) {
        throw new EOFException("gone");
      }
      try {
        // The frames may be kept: they must not share the buffer.
        arrived.addAll(draft.translateFrame(ByteBuffer.wrap(buffer.clone(), 0, count)));
      } catch (InvalidDataException malformed) {
        end(malformed.getCloseCode());
        throw new IOException("no frame", malformed);
      }
    }
    return arrived.remove();
  }

  /// Sends text for people or programs.
  void send(String text) throws IOException {
    TextFrame frame = new TextFrame();
    frame.setPayload(StandardCharsets.UTF_8.encode(text));
    send(frame);
  }

  /// Sends bytes as they are.
  void send(byte[] bytes) throws IOException {
    DataFrame frame = new BinaryFrame();
    frame.setPayload(ByteBuffer.wrap(bytes));
    send(frame);
  }

  /// Asks whether the other end is there.
  void ping() throws IOException {
    send(new PingFrame());
  }

  /// Says that no more comes.
  void end(int code) throws IOException {
    CloseFrame frame = new CloseFrame();
    frame.setCode(code);
    send(frame);
  }

  private void send(FramedataImpl1 frame) throws IOException {
    write(draft.createBinaryFrame(frame));
  }

  private void write(ByteBuffer bytes) throws IOException {
    synchronized (out) {
      out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
