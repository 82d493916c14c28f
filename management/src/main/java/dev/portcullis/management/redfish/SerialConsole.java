package dev.portcullis.management.redfish;

import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import dev.portcullis.vmm.console.Seat;
import dev.portcullis.vmm.console.SeatTakenException;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.control.ConsoleWords;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.protocols.IProtocol;
import org.java_websocket.protocols.Protocol;

/// Somebody at a console from afar.
///
/// Without a subprotocol what the guest writes comes as binary frames, and what comes back is
/// typed: a terminal needs no more. With `portcullis.console`, [ConsoleWords] are spoken.
final class SerialConsole {
  /// Speaks [ConsoleWords].
  static final String WORDS = "portcullis.console";

  private static final System.Logger LOG = System.getLogger(SerialConsole.class.getName());
  private static final long HANDSHAKE_MILLIS = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 2_000;
  private static final List<IProtocol> PROTOCOLS = List.of(new Protocol(WORDS), new Protocol(""));

  private final RunningPlatform platform;
  private final Accounts accounts;
  private final Sessions sessions;
  private final Socket socket;
  private volatile boolean isOpen;

  SerialConsole(RunningPlatform platform, Accounts accounts, Sessions sessions, Socket socket) {
    this.platform = platform;
    this.accounts = accounts;
    this.sessions = sessions;
    this.socket = socket;
  }

  /// What somebody asks for: which console, as what, from where on.
  private record Place(String partition, Wish wish, long from) {}

  void serve() throws IOException, AccountException, InterruptedException {
    // Whoever takes long to say what they want holds a place that others wait for.
    Thread patience = Thread.ofVirtual().start(this::hurry);
    WebSocketLine line = new WebSocketLine(socket, PROTOCOLS);
    ClientHandshake request = line.request();
    Optional<Caller> caller =
        Caller.of(
            header(request, "X-Auth-Token"), header(request, "Authorization"), accounts, sessions);
    isOpen = true;
    patience.interrupt();
    if (caller.isEmpty()) {
      line.refuse("401 Unauthorized", "WWW-Authenticate: Basic realm=\"Portcullis\"");
      return;
    }
    Optional<Place> place = place(request.getResourceDescriptor());
    if (place.isEmpty()) {
      line.refuse("404 Not Found");
    } else if (!mayTake(caller.get(), place.get())) {
      line.refuse("403 Forbidden");
    } else {
      attach(line, request, caller.get(), place.get());
    }
  }

  private void hurry() {
    try {
      Thread.sleep(HANDSHAKE_MILLIS);
      if (!isOpen) {
        socket.close();
      }
    } catch (IOException | InterruptedException done) {
      LOG.log(Level.TRACE, "in time", done);
    }
  }

  private static String header(ClientHandshake request, String name) {
    return request.hasFieldValue(name) ? request.getFieldValue(name) : null;
  }

  private static boolean mayTake(Caller caller, Place place) {
    return place.wish() == Wish.WATCH || caller.may(Privilege.CONFIGURE_COMPONENTS);
  }

  /// `/redfish/v1/Systems/NAME/SerialConsole?as=watch&from=4711`.
  private static Optional<Place> place(String address) {
    int mark = address.indexOf('?');
    String path = mark < 0 ? address : address.substring(0, mark);
    Optional<List<String>> at = Addresses.below(path);
    if (at.isEmpty()
        || at.get().size() != 3
        || !at.get().getFirst().equals("Systems")
        || !at.get().getLast().equals("SerialConsole")) {
      return Optional.empty();
    }
    Wish wish = Wish.WRITE;
    long from = 0;
    try {
      for (String part : (mark < 0 ? "" : address.substring(mark + 1)).split("&", 8)) {
        if (part.startsWith("as=")) {
          wish = ConsoleWords.wish(part.substring(3));
        } else if (part.startsWith("from=")) {
          from = Long.parseUnsignedLong(part.substring(5));
        }
      }
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
    return Optional.of(new Place(at.get().get(1), wish, from));
  }

  private void attach(WebSocketLine line, ClientHandshake request, Caller caller, Place place)
      throws IOException, AccountException, InterruptedException {
    String who = caller.account().name() + " at " + socket.getInetAddress().getHostAddress();
    try (Seat seat = platform.console(place.partition()).sit(who, place.wish(), place.from())) {
      line.accept(request);
      tell(caller, place, who);
      boolean speaksWords = line.protocol().equals(WORDS);
      Thread shown =
          Thread.ofVirtual().name("console of " + who).start(() -> show(line, seat, speaksWords));
      Thread look = Thread.ofVirtual().start(() -> look(line, caller, place));
      try {
        Optional<String> said = line.receive();
        while (said.isPresent()) {
          take(seat, place, said.get(), speaksWords);
          said = line.receive();
        }
        // What is there is shown to whoever has nothing more to say.
        seat.finish();
        shown.join(PATIENCE);
      } finally {
        look.interrupt();
      }
    } catch (VmmException e) {
      line.refuse("404 Not Found");
    } catch (SeatTakenException e) {
      line.refuse("409 Conflict", "X-Reason: " + e.getMessage());
    }
  }

  private static void take(Seat seat, Place place, String said, boolean speaksWords) {
    if (place.wish() == Wish.WATCH) {
      seat.tell("you watch: come again to write");
    } else if (speaksWords) {
      ConsoleWords.take(seat, said);
    } else {
      ConsoleWords.type(seat, said);
    }
  }

  private void tell(Caller caller, Place place, String who) {
    platform
        .events()
        .publish(
            EventType.REMOTE_ACTION,
            Severity.NOTICE,
            Subject.ofPartition(place.partition()),
            "%s is at the console of %s".formatted(who, place.partition()),
            Map.of("account", caller.account().name(), "what", "console"));
  }

  private static void show(WebSocketLine line, Seat seat, boolean speaksWords) {
    try (line) {
      Optional<Output> output = seat.next();
      while (output.isPresent()) {
        if (speaksWords) {
          line.send(ConsoleWords.told(output.get()));
        } else {
          switch (output.get()) {
            case Guest guest -> line.send(guest.bytes());
            case Notice(String text) -> line.send("\r\n[" + text + "]\r\n");
          }
        }
        output = seat.next();
      }
      line.end(seat.isFinished() ? CloseFrame.NORMAL : CloseFrame.GOING_AWAY);
    } catch (IOException | InterruptedException left) {
      LOG.log(Level.DEBUG, seat.who() + " has left", left);
    } finally {
      seat.close();
    }
  }

  /// Sees to it that they are still there, and still may.
  private void look(WebSocketLine line, Caller caller, Place place) {
    try {
      while (isAllowed(caller, place)) {
        Thread.sleep(LOOK_MILLIS);
        line.ping();
      }
      line.end(CloseFrame.POLICY_VALIDATION);
      line.close();
    } catch (IOException | AccountException | InterruptedException ended) {
      LOG.log(Level.DEBUG, "no more is looked", ended);
    }
  }

  private boolean isAllowed(Caller caller, Place place) throws AccountException {
    return caller.now(accounts, sessions).filter(now -> mayTake(now, place)).isPresent();
  }
}
