package dev.portcullis.vmm.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.EngineConsole;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConsoleSeatsTest {
  private final ConsoleLog log = new ConsoleLog(64);
  private final List<String> typed = new ArrayList<>();
  private final List<String> witnessed = new ArrayList<>();
  private final ConsoleSeats seats = new ConsoleSeats("user", new Keys(), witnessed::add);

  private final class Keys implements EngineConsole {
    @Override
    public ConsoleLog log() {
      return log;
    }

    @Override
    public void type(String text) {
      typed.add(text);
    }
  }

  private static String text(Seat seat) throws InterruptedException {
    return switch (seat.next().orElseThrow()) {
      case Guest guest -> new String(guest.bytes(), StandardCharsets.UTF_8);
      case Notice(String told) -> "[" + told + "]";
    };
  }

  @Test
  void oneWritesAndTheOthersAreToldWho() throws Exception {
    Seat alice = seats.sit("alice", Wish.WRITE, 0);
    assertThatThrownBy(() -> seats.sit("bob", Wish.WRITE, 0))
        .isInstanceOf(SeatTakenException.class)
        .hasMessage("alice writes on the console of user: watch, or take over");
    Seat bob = seats.sit("bob", Wish.WATCH, 0);
    assertThatThrownBy(() -> bob.type("no")).hasMessageContaining("alice writes");

    alice.type("ls");

    assertThat(typed).containsExactly("ls");
    assertThat(seats.count()).isEqualTo(2);
  }

  @Test
  void whoTakesOverWritesAndTheOtherIsTold() throws Exception {
    Seat alice = seats.sit("alice", Wish.WRITE, 0);
    Seat bob = seats.sit("bob\u001b[2J", Wish.TAKE_OVER, 0);

    assertThat(text(alice)).isEqualTo("[bob?[2J has taken over: you watch]");
    assertThatThrownBy(() -> alice.type("rm")).isInstanceOf(SeatTakenException.class);
    bob.type("echo");
    alice.takeOver();
    alice.type("date");

    assertThat(typed).containsExactly("echo", "date");
    assertThat(witnessed).hasSize(3).last().asString().contains("alice writes", "bob?[2J no more");
  }

  @Test
  void whoLeavesLetsAnotherWrite() throws Exception {
    Seat alice = seats.sit("alice", Wish.WRITE, 0);
    Seat carol = seats.sit("carol", Wish.WATCH, 0);
    alice.close();
    assertThat(seats.writer()).isEmpty();
    assertThatThrownBy(() -> carol.type("x")).hasMessage("you watch: take over to write");
    assertThat(alice.next()).isEmpty();
    alice.takeOver();
    assertThat(seats.writer()).as("whoever has left takes nothing over").isEmpty();
    assertThat(seats.sit("bob", Wish.WRITE, 0).who()).isEqualTo("bob");
  }

  @Test
  void whoComesBackGoesOnWhereTheyLeft() throws Exception {
    log.line("one");
    Seat first = seats.sit("alice", Wish.WATCH, 0);
    Guest read = (Guest) first.next().orElseThrow();
    first.close();
    log.line("two");
    try (Seat again = seats.sit("alice", Wish.WATCH, read.next())) {
      assertThat(text(again)).isEqualTo("two\n");
    }
    try (Seat anew = seats.sit("alice", Wish.WATCH, 0)) {
      assertThat(text(anew)).isEqualTo("one\ntwo\n");
    }
  }

  @Test
  void whoReadsSlowlyIsToldWhatTheyMissedAndHoldsUpNobody() throws Exception {
    Seat slow = seats.sit("slow", Wish.WATCH, 0);
    Seat quick = seats.sit("quick", Wish.WATCH, 0);
    for (int i = 0; i < 10; i++) {
      log.line("%015d".formatted(i));
      assertThat(text(quick)).isEqualTo("%015d\n".formatted(i));
    }
    assertThat(text(slow)).isEqualTo("[96 bytes are not kept any more]");
    assertThat(text(slow)).hasSize(64).startsWith("%015d\n".formatted(6));
  }

  @Test
  void noticesForWhoDoesNotReadAreBounded() throws Exception {
    Seat deaf = seats.sit("deaf", Wish.WATCH, 0);
    IntStream.range(0, 1000).forEach(i -> deaf.tell("notice " + i));
    for (int i = 0; i < 16; i++) {
      assertThat(text(deaf)).isEqualTo("[notice " + i + "]");
    }
    log.line("end");
    assertThat(text(deaf)).isEqualTo("end\n");
  }

  @Test
  void roomIsBounded() throws Exception {
    for (int i = 0; i < ConsoleSeats.MOST_SEATS; i++) {
      seats.sit("w" + i, Wish.WATCH, 0);
    }
    assertThatThrownBy(() -> seats.sit("one more", Wish.TAKE_OVER, 0))
        .hasMessage("16 are at the console of user already");
  }

  @Test
  void aPositionThatNeverWasIsTheEnd() throws Exception {
    log.line("old");
    Seat seat = seats.sit("alice", Wish.WATCH, Long.MAX_VALUE);
    log.line("new");
    assertThat(text(seat)).isEqualTo("new\n");
  }

  @Test
  void theEndOfTheConsoleIsTheEnd() throws Exception {
    Seat seat = seats.sit("alice", Wish.WATCH, 0);
    log.close();
    assertThat(seat.next()).isEmpty();
  }
}
