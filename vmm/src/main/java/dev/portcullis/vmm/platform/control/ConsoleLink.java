package dev.portcullis.vmm.platform.control;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.console.ConsoleSeats;
import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import dev.portcullis.vmm.console.Seat;
import dev.portcullis.vmm.console.SeatTakenException;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A connection that has become a console: one JSON object a line, each way.
///
/// ```
///   to the person      {"at":4711,"bytes":"base64"}     what the guest wrote, and where it is
///                      {"notice":"bob has taken over: you watch"}
///   from the person    {"keys":"base64"}                UTF-8
///                      {"do":"take-over"}
/// ```
///
/// Somebody who reads slowly holds up this connection, and nobody else.
final class ConsoleLink {
  private static final System.Logger LOG = System.getLogger(ConsoleLink.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final RunningPlatform platform;
  private final Lines lines;
  private Optional<Seat> seat = Optional.empty();

  ConsoleLink(RunningPlatform platform, Lines lines) {
    this.platform = platform;
    this.lines = lines;
  }

  /// Takes a seat.
  ///
  /// @return what is to be answered
  Map<String, Object> attach(JsonNode request) throws VmmException, SeatTakenException {
    ConsoleSeats seats = platform.console(request.path("partition").asString(""));
    Wish wish = wish(request.path("as").asString("write"));
    long from = Long.parseLong(request.path("from").asString("0"));
    seat = Optional.of(seats.sit(request.path("who").asString("somebody"), wish, from));
    return Map.of("ok", true, "writer", seats.writer().orElse(""));
  }

  private static Wish wish(String word) {
    return switch (word) {
      case "watch" -> Wish.WATCH;
      case "write" -> Wish.WRITE;
      case "take-over" -> Wish.TAKE_OVER;
      default -> throw new IllegalArgumentException("watch, write or take-over?");
    };
  }

  boolean isAttached() {
    return seat.isPresent();
  }

  /// Is a console until the person leaves.
  void serve() throws IOException {
    try (Seat mine = seat.orElseThrow()) {
      Thread.ofVirtual().name("console of " + mine.who()).start(() -> show(mine));
      for (String line = lines.read(); line != null; line = lines.read()) {
        take(mine, line);
      }
    }
  }

  private void show(Seat mine) {
    try (mine) {
      Optional<Output> output = mine.next();
      while (output.isPresent()) {
        lines.write(JSON.writeValueAsString(written(output.get())));
        output = mine.next();
      }
    } catch (IOException | InterruptedException left) {
      LOG.log(Level.DEBUG, mine.who() + " has left", left);
    }
  }

  private static Map<String, Object> written(Output output) {
    return switch (output) {
      case Guest(long at, byte[] bytes) ->
          Map.of("at", at, "bytes", Base64.getEncoder().encodeToString(bytes));
      case Notice(String text) -> Map.of("notice", text);
    };
  }

  private static void take(Seat mine, String line) {
    try {
      JsonNode request = JSON.readTree(line);
      if (request.path("do").asString("").equals("take-over")) {
        mine.takeOver();
      } else {
        byte[] keys = Base64.getDecoder().decode(request.path("keys").asString(""));
        mine.type(new String(keys, StandardCharsets.UTF_8));
      }
    } catch (JacksonException | IllegalArgumentException e) {
      mine.tell("that was not understood");
    } catch (SeatTakenException | EngineException e) {
      mine.tell(e.getMessage());
    }
  }
}
