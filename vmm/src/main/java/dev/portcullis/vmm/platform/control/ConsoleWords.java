package dev.portcullis.vmm.platform.control;

import dev.portcullis.vmm.console.Output;
import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import dev.portcullis.vmm.console.Seat;
import dev.portcullis.vmm.console.SeatTakenException;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.engine.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a console and the person at it say to each other, whatever carries it: one JSON object at a
/// time.
///
/// ```
///   to the person      {"at":4711,"bytes":"base64"}     what the guest wrote, and where it is
///                      {"notice":"bob has taken over: you watch"}
///   from the person    {"keys":"base64"}                UTF-8
///                      {"do":"take-over"}
/// ```
public final class ConsoleWords {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ConsoleWords() {}

  /// As what somebody wants to sit there: `watch`, `write` or `take-over`.
  ///
  /// @throws IllegalArgumentException if it is none of them
  public static Wish wish(String word) {
    return switch (word) {
      case "watch" -> Wish.WATCH;
      case "write" -> Wish.WRITE;
      case "take-over" -> Wish.TAKE_OVER;
      default -> throw new IllegalArgumentException("watch, write or take-over?");
    };
  }

  /// What is told to the person.
  public static String told(Output output) {
    Map<String, Object> told = new LinkedHashMap<>();
    switch (output) {
      case Guest(long at, byte[] bytes) -> {
        told.put("at", at);
        told.put("bytes", Base64.getEncoder().encodeToString(bytes));
      }
      case Notice(String text) -> told.put("notice", text);
    }
    return JSON.writeValueAsString(told);
  }

  /// What the person was told.
  ///
  /// @throws IOException if it makes no sense
  public static Output read(String told) throws IOException {
    try {
      JsonNode node = JSON.readTree(told);
      return node.has("notice")
          ? new Notice(node.path("notice").asString(""))
          : new Guest(
              node.path("at").asLong(0),
              Base64.getDecoder().decode(node.path("bytes").asString("")));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException("the platform's console is no JSON", e);
    }
  }

  /// The person's keys.
  public static String keys(String keys) {
    byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
    return JSON.writeValueAsString(Map.of("keys", Base64.getEncoder().encodeToString(bytes)));
  }

  /// The person's wish to write from now on.
  public static String takeOver() {
    return JSON.writeValueAsString(Map.of("do", "take-over"));
  }

  /// Does what the person at `seat` says. What makes no sense, or may not be, is told there.
  public static void take(Seat seat, String said) {
    try {
      JsonNode request = JSON.readTree(said);
      if (request.path("do").asString("").equals("take-over")) {
        seat.takeOver();
      } else {
        byte[] keys = Base64.getDecoder().decode(request.path("keys").asString(""));
        type(seat, new String(keys, StandardCharsets.UTF_8));
      }
    } catch (JacksonException | IllegalArgumentException e) {
      seat.tell("that was not understood");
    }
  }

  /// Types what the person at `seat` does; that it may not be is told there.
  public static void type(Seat seat, String keys) {
    try {
      seat.type(keys);
    } catch (SeatTakenException | EngineException e) {
      seat.tell(e.getMessage());
    }
  }
}
