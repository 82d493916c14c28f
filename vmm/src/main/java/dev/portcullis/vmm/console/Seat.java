package dev.portcullis.vmm.console;

import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Output.Notice;
import dev.portcullis.vmm.engine.ConsoleLog.Portion;
import dev.portcullis.vmm.engine.EngineConsole;
import dev.portcullis.vmm.engine.EngineException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/// Somebody at a console. One thread reads, another may write.
public final class Seat implements AutoCloseable {
  private static final int PIECE_BYTES = 8 << 10;

  /// Who does not read what is told is not told more.
  private static final int MOST_NOTICES = 16;

  private final ConsoleSeats seats;
  private final EngineConsole console;
  private final String who;
  private final Queue<String> notices = new ArrayBlockingQueue<>(MOST_NOTICES);
  private final byte[] piece = new byte[PIECE_BYTES];
  private long position;

  /// Where the reader stops.
  private volatile long last = Long.MAX_VALUE;

  private volatile boolean closed;

  Seat(ConsoleSeats seats, EngineConsole console, String who, long from) {
    this.seats = seats;
    this.console = console;
    this.who = who;
    this.position = Math.clamp(from, 0, console.log().end());
  }

  /// Who sits here.
  public String who() {
    return who;
  }

  /// What comes next, waiting for it.
  ///
  /// @return nothing when the seat was left, or the console is gone
  public Optional<Output> next() throws InterruptedException {
    while (!closed && position < last) {
      String told = notices.poll();
      if (told != null) {
        return Optional.of(new Notice(told));
      }
      Portion portion = console.log().read(position, piece, () -> isEnough());
      long at = portion.next() - portion.count();
      if (portion.count() > 0) {
        return Optional.of(arrived(at, portion));
      }
      if (notices.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isEnough() {
    return closed || !notices.isEmpty() || position >= last;
  }

  private Output arrived(long at, Portion portion) {
    if (at > position) {
      // What was read is read again: it may be gone by then, and that is told once more.
      long missed = at - position;
      position = at;
      return new Notice(missed + " bytes are not kept any more");
    }
    position = portion.next();
    return new Guest(at, Arrays.copyOf(piece, portion.count()));
  }

  /// Types on the guest's keyboard.
  ///
  /// @throws SeatTakenException if this is not who writes
  /// @throws EngineException if the guest takes nothing: it is off
  public void type(String keys) throws SeatTakenException, EngineException {
    seats.demandWriter(this);
    console.type(keys);
  }

  /// Writes from now on, whoever did so far.
  public void takeOver() {
    seats.takeOver(this);
  }

  /// Has [#next] say something. Never waits.
  public void tell(String text) {
    notices.offer(text);
    console.log().wake();
  }

  /// Wants no more than there is by now, and then leaves; another may write at once.
  public void finish() {
    last = console.log().end();
    seats.leave(this);
    console.log().wake();
  }

  /// Whether that was wanted.
  public boolean isFinished() {
    return last != Long.MAX_VALUE;
  }

  /// Leaves: another may write.
  @Override
  public void close() {
    closed = true;
    seats.leave(this);
    console.log().wake();
  }
}
