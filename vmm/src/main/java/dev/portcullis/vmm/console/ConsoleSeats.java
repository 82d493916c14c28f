package dev.portcullis.vmm.console;

import dev.portcullis.vmm.engine.EngineConsole;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Who is at the console of a partition. It is there in every state of the partition, and no seat
/// waits for another: who reads slowly misses what is not kept any more, and is told so.
public final class ConsoleSeats {
  /// How many there may be at one console.
  public static final int MOST_SEATS = 16;

  private static final int NAME_CHARS = 64;

  private final String partition;
  private final EngineConsole console;
  private final Consumer<String> witness;
  private final Set<Seat> seats = new LinkedHashSet<>();
  private Optional<Seat> writer = Optional.empty();

  /// @param partition its name
  /// @param witness told, in words, when it is another who writes; must not wait
  public ConsoleSeats(String partition, EngineConsole console, Consumer<String> witness) {
    this.partition = partition;
    this.console = console;
    this.witness = witness;
  }

  /// Gives somebody a seat.
  ///
  /// @param who for the others to read
  /// @param from position from which they read: 0 for all that is kept
  /// @throws SeatTakenException if somebody else writes, or there are too many
  public Seat sit(String who, Wish wish, long from) throws SeatTakenException {
    Seat seat = new Seat(this, console, plain(who), from);
    synchronized (this) {
      if (seats.size() >= MOST_SEATS) {
        throw new SeatTakenException(
            "%d are at the console of %s already".formatted(MOST_SEATS, partition));
      }
      if (wish == Wish.WRITE && writer.isPresent()) {
        throw taken();
      }
      seats.add(seat);
    }
    if (wish != Wish.WATCH) {
      takeOver(seat);
    }
    return seat;
  }

  private SeatTakenException taken() {
    return new SeatTakenException(
        "%s writes on the console of %s: watch, or take over"
            .formatted(writer.orElseThrow().who(), partition));
  }

  private static String plain(String who) {
    String printable = who.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.substring(0, Math.min(NAME_CHARS, printable.length()));
  }

  /// Has `seat` write from now on.
  void takeOver(Seat seat) {
    Optional<Seat> before;
    synchronized (this) {
      before = writer;
      if (before.equals(Optional.of(seat)) || !seats.contains(seat)) {
        return;
      }
      writer = Optional.of(seat);
    }
    before.ifPresent(one -> one.tell(seat.who() + " has taken over: you watch"));
    witness.accept(
        seat.who()
            + " writes on the console of "
            + partition
            + before.map(one -> ", and " + one.who() + " no more").orElse(""));
  }

  /// @throws SeatTakenException if `seat` does not write
  synchronized void demandWriter(Seat seat) throws SeatTakenException {
    if (writer.isEmpty()) {
      throw new SeatTakenException("you watch: take over to write");
    }
    if (writer.get() != seat) {
      throw taken();
    }
  }

  synchronized void leave(Seat seat) {
    seats.remove(seat);
    if (writer.equals(Optional.of(seat))) {
      writer = Optional.empty();
    }
  }

  /// Who writes.
  public synchronized Optional<String> writer() {
    return writer.map(Seat::who);
  }

  /// How many are there.
  public synchronized int count() {
    return seats.size();
  }
}
