package dev.portcullis.vmm.platform.control;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.console.ConsoleSeats;
import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Seat;
import dev.portcullis.vmm.console.SeatTakenException;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A connection that has become a console: [ConsoleWords], one a line, each way.
///
/// Somebody who reads slowly holds up this connection, and nobody else.
final class ConsoleLink {
  private static final System.Logger LOG = System.getLogger(ConsoleLink.class.getName());

  /// How long somebody may take to read the rest.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

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
    Wish wish = ConsoleWords.wish(request.path("as").asString("write"));
    long from = Long.parseLong(request.path("from").asString("0"));
    seat = Optional.of(seats.sit(request.path("who").asString("somebody"), wish, from));
    return Map.of("ok", true, "writer", seats.writer().orElse(""));
  }

  boolean isAttached() {
    return seat.isPresent();
  }

  /// Is a console until the person leaves.
  void serve() throws IOException {
    try (Seat mine = seat.orElseThrow()) {
      Thread shown = Thread.ofVirtual().name("console of " + mine.who()).start(() -> show(mine));
      for (String line = lines.read(); line != null; line = lines.read()) {
        ConsoleWords.take(mine, line);
      }
      // What is there is shown to whoever has nothing more to say.
      mine.finish();
      shown.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void show(Seat mine) {
    try (mine) {
      Optional<Output> output = mine.next();
      while (output.isPresent()) {
        lines.write(ConsoleWords.told(output.get()));
        output = mine.next();
      }
    } catch (IOException | InterruptedException left) {
      LOG.log(Level.DEBUG, mine.who() + " has left", left);
    }
  }
}
