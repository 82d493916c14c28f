package dev.portcullis.net.tcp;

import dev.portcullis.net.packet.TcpFlags;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One side of a TCP connection.
///
/// One thread carries segments: it gives what comes to [#receive], the time to [#tick], and takes
/// what is to be sent from [#send]. Others write and read; they say through `wanted` that there may
/// be something to send. A lock of its own keeps them apart, and nothing is called under it but
/// `wanted`.
public final class Connection {
  /// How long a connection that was ended here first is remembered (twice the maximum segment
  /// lifetime, which RFC 9293 leaves open).
  public static final long TIME_WAIT_NANOS = 30_000_000_000L;

  /// How long one that is closed here waits for the peer to take the rest, and again to close it
  /// too: nobody else would end one whose peer does neither.
  static final long ORPHAN_NANOS = 120_000_000_000L;

  private static final int MOST_AT_ONCE = 64;
  private static final int MOST_SHIFT = 14;
  private static final int MOST_WINDOW = 0xffff;
  private static final int MOST_CHALLENGES = 100;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Settings settings;
  private final Runnable wanted;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Sender sender;
  private final List<Segment> replies = new ArrayList<>();
  private Receiver receiver;
  private volatile State state;
  private String failure;
  private boolean scaling;
  private int peersShift;
  private int windowSequence;
  private int windowAcknowledgement;
  private boolean owesAcknowledgement;
  private int duplicates;
  private boolean closedHere;
  private long stateDeadline = Sender.NEVER;
  private long challengeSecond;
  private int challenges;

  private Connection(Settings settings, int initialSequence, State state, Runnable wanted) {
    this.settings = settings;
    this.wanted = wanted;
    this.sender = new Sender(initialSequence, settings.bufferBytes());
    this.state = state;
  }

  /// A connection that is opened from here.
  public static Connection open(Settings settings, int initialSequence, Runnable wanted) {
    return new Connection(settings, initialSequence, State.SYN_SENT, wanted);
  }

  /// A connection that a peer opens by `syn`.
  public static Connection accept(
      Settings settings, int initialSequence, Segment syn, Runnable wanted) {
    Connection connection = new Connection(settings, initialSequence, State.SYN_RECEIVED, wanted);
    connection.takeSyn(syn);
    return connection;
  }

  /// Options of a SYN count; its data does not, and comes again.
  private void takeSyn(Segment syn) {
    receiver = new Receiver(syn.sequence(), settings.bufferBytes(), settings.mssBytes());
    scaling = syn.windowShift() != Segment.ABSENT;
    peersShift = scaling ? Math.min(syn.windowShift(), MOST_SHIFT) : 0;
    sender.mss(syn.mssBytes(), settings.mssBytes());
    sender.window(syn.window());
    windowSequence = syn.sequence();
    windowAcknowledgement = syn.acknowledgement();
  }

  public State state() {
    return state;
  }

  /// Takes a segment that came.
  public void receive(Segment segment, long nowNanos) {
    lock.lock();
    try {
      switch (state) {
        case CLOSED -> {
          // Who carries the segments refuses it.
        }
        case SYN_SENT -> receiveAnswer(segment, nowNanos);
        default -> receiveInOrder(segment, nowNanos);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// RFC 9293, 3.10.7.3.
  private void receiveAnswer(Segment segment, long nowNanos) {
    long acknowledged = sender.offset(segment.acknowledgement());
    boolean acknowledges = segment.has(TcpFlags.ACK);
    boolean nonsense = acknowledges && (acknowledged <= 0 || acknowledged > sender.top());
    if (nonsense) {
      reply(segment.has(TcpFlags.RST) ? null : segment.refusal());
    } else if (segment.has(TcpFlags.RST)) {
      if (acknowledges) {
        end("connection refused");
      }
    } else if (segment.has(TcpFlags.SYN)) {
      takeSyn(segment);
      if (acknowledges) {
        sender.acknowledge(acknowledged, false, nowNanos);
        state = State.ESTABLISHED;
        owesAcknowledgement = true;
      } else {
        state = State.SYN_RECEIVED;
        sender.restartSyn();
      }
    }
  }

  private void reply(Segment segment) {
    if (segment != null && replies.size() < MOST_AT_ONCE) {
      replies.add(segment);
    }
  }

  /// RFC 9293, 3.10.7.4, with what RFC 5961 asks to be challenged.
  private void receiveInOrder(Segment segment, long nowNanos) {
    long offset = receiver.offset(segment.sequence());
    if (!receiver.isAcceptable(offset, segment.length())) {
      receiveUnacceptable(segment, offset, nowNanos);
    } else if (segment.has(TcpFlags.RST)) {
      if (offset == receiver.next()) {
        end("connection reset by peer");
      } else {
        challenge(nowNanos);
      }
    } else if (segment.has(TcpFlags.SYN)) {
      challenge(nowNanos);
    } else if (segment.has(TcpFlags.ACK) && takeAcknowledgement(segment, nowNanos)) {
      takeData(segment, offset, nowNanos);
    }
  }

  private void receiveUnacceptable(Segment segment, long offset, long nowNanos) {
    if (segment.has(TcpFlags.RST)) {
      return;
    }
    boolean knocksAgain =
        state == State.SYN_RECEIVED && segment.has(TcpFlags.SYN) && !segment.has(TcpFlags.ACK);
    if (knocksAgain) {
      sender.resendSyn();
      return;
    }
    if (state == State.TIME_WAIT && segment.has(TcpFlags.FIN)) {
      stateDeadline = nowNanos + TIME_WAIT_NANOS;
    }
    if (segment.length() > 0) {
      owesAcknowledgement = true;
    } else {
      challenge(nowNanos);
    }
    boolean beyondFullBuffer = offset == receiver.next() && segment.has(TcpFlags.ACK);
    if (beyondFullBuffer && !segment.has(TcpFlags.SYN)) {
      takeAcknowledgement(segment, nowNanos);
    }
  }

  /// Says where we are, for what takes no place in the sequence; so many times a second, for two
  /// sides that do not understand each other must not keep each other busy.
  private void challenge(long nowNanos) {
    if (nowNanos - challengeSecond >= SECOND_NANOS) {
      challengeSecond = nowNanos;
      challenges = 0;
    }
    if (challenges++ < MOST_CHALLENGES) {
      duplicates = Math.min(duplicates + 1, MOST_AT_ONCE);
    }
  }

  /// @return whether the rest of the segment counts
  private boolean takeAcknowledgement(Segment segment, long nowNanos) {
    long acknowledged = sender.offset(segment.acknowledgement());
    if (state == State.SYN_RECEIVED) {
      if (acknowledged < 1 || acknowledged > sender.top()) {
        reply(segment.refusal());
        return false;
      }
      state = State.ESTABLISHED;
    }
    if (acknowledged > sender.top()
        || acknowledged < sender.unacknowledged() - sender.widestWindow() - 1) {
      challenge(nowNanos);
      return false;
    }
    boolean sameWindow = !takeWindow(segment, acknowledged);
    boolean repeats = sameWindow && segment.length() == 0;
    sender.acknowledge(acknowledged, repeats, nowNanos);
    if (sender.isFinAcknowledged()) {
      finAcknowledged(nowNanos);
    }
    return true;
  }

  /// @return whether the peer's window has changed
  private boolean takeWindow(Segment segment, long acknowledged) {
    int later = segment.sequence() - windowSequence;
    boolean newer =
        later > 0
            || later == 0 && segment.acknowledgement() - windowAcknowledgement >= 0
            || acknowledged > sender.unacknowledged();
    if (!newer || acknowledged < sender.unacknowledged()) {
      return false;
    }
    windowSequence = segment.sequence();
    windowAcknowledgement = segment.acknowledgement();
    return sender.window((long) segment.window() << peersShift);
  }

  private void finAcknowledged(long nowNanos) {
    switch (state) {
      case FIN_WAIT_1 -> {
        state = State.FIN_WAIT_2;
        stateDeadline = closedHere ? nowNanos + ORPHAN_NANOS : Sender.NEVER;
      }
      case CLOSING -> timeWait(nowNanos);
      case LAST_ACK -> end("closed");
      default -> {
        // It was acknowledged before.
      }
    }
  }

  private void timeWait(long nowNanos) {
    state = State.TIME_WAIT;
    stateDeadline = nowNanos + TIME_WAIT_NANOS;
    sender.free();
  }

  private void takeData(Segment segment, long offset, long nowNanos) {
    if (segment.data().length == 0 && !segment.has(TcpFlags.FIN)) {
      return;
    }
    if (!state.mayReceive()) {
      owesAcknowledgement = true;
      return;
    }
    if (closedHere && segment.data().length > 0) {
      // Nobody will read it: the peer must know (RFC 9293, 3.6.1).
      resetNow("closed");
      return;
    }
    boolean fin = segment.has(TcpFlags.FIN);
    switch (receiver.accept(offset, segment.data(), fin)) {
      case IN_ORDER -> owesAcknowledgement = true;
      case APART -> duplicates = Math.min(duplicates + 1, MOST_AT_ONCE);
    }
    if (receiver.isFinished()) {
      switch (state) {
        case ESTABLISHED -> state = State.CLOSE_WAIT;
        case FIN_WAIT_1 -> state = State.CLOSING;
        case FIN_WAIT_2 -> timeWait(nowNanos);
        default -> throw new AssertionError(state);
      }
    }
  }

  private void resetNow(String why) {
    if (state != State.SYN_SENT && state != State.CLOSED) {
      replies.add(
          Segment.bare(
              sender.endSequence(), receiver.nextSequence(), TcpFlags.RST | TcpFlags.ACK, 0));
    }
    end(why);
  }

  private void end(String why) {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      failure = why;
      stateDeadline = Sender.NEVER;
      sender.free();
      changed.signalAll();
    }
  }

  /// When [#tick] has something to do next.
  public long deadlineNanos() {
    lock.lock();
    try {
      return state == State.CLOSED || state == State.TIME_WAIT
          ? stateDeadline
          : Math.min(stateDeadline, sender.timerNanos());
    } finally {
      lock.unlock();
    }
  }

  /// Does what is due.
  public void tick(long nowNanos) {
    lock.lock();
    try {
      if (nowNanos >= stateDeadline) {
        expire();
      } else if (state != State.TIME_WAIT
          && state != State.CLOSED
          && nowNanos >= sender.timerNanos()
          && !sender.timeOut()) {
        resetNow("connection timed out");
      }
    } finally {
      lock.unlock();
    }
  }

  private void expire() {
    if (state == State.TIME_WAIT) {
      end("closed");
    } else {
      resetNow("closed");
    }
  }

  /// What is to be sent now, in order; there may be more if these are many.
  public List<Segment> send(long nowNanos) {
    lock.lock();
    try {
      List<Segment> out = new ArrayList<>(replies);
      replies.clear();
      if (state == State.CLOSED) {
        return out;
      }
      for (; duplicates > 0; duplicates--) {
        out.add(acknowledgement());
        owesAcknowledgement = false;
      }
      if (state != State.TIME_WAIT) {
        sendChunks(out, nowNanos);
      }
      if (owesAcknowledgement) {
        out.add(acknowledgement());
        owesAcknowledgement = false;
      }
      return out;
    } finally {
      lock.unlock();
    }
  }

  /// Segments with data that were sent again until now.
  public long resent() {
    lock.lock();
    try {
      return sender.resent();
    } finally {
      lock.unlock();
    }
  }

  /// Whether what [#send] gave may not be all.
  public static boolean isPerhapsMore(List<Segment> sent) {
    return sent.size() >= MOST_AT_ONCE;
  }

  private void sendChunks(List<Segment> out, long nowNanos) {
    while (out.size() < MOST_AT_ONCE) {
      Sender.Chunk chunk = sender.next(nowNanos);
      if (chunk == null) {
        break;
      }
      out.add(segment(chunk));
      owesAcknowledgement = false;
    }
    sender.arm(nowNanos);
  }

  private Segment segment(Sender.Chunk chunk) {
    int sequence = sender.sequence(chunk.offset());
    if (chunk.syn()) {
      boolean answers = state != State.SYN_SENT;
      return new Segment(
          sequence,
          answers ? receiver.nextSequence() : 0,
          answers ? TcpFlags.SYN | TcpFlags.ACK : TcpFlags.SYN,
          Math.min(settings.bufferBytes(), MOST_WINDOW),
          settings.mssBytes(),
          answers && !scaling ? Segment.ABSENT : settings.windowShift(),
          chunk.data());
    }
    int flags = TcpFlags.ACK | (chunk.data().length > 0 ? TcpFlags.PSH : 0);
    return new Segment(
        sequence,
        receiver.nextSequence(),
        chunk.fin() ? flags | TcpFlags.FIN : flags,
        window(),
        Segment.ABSENT,
        Segment.ABSENT,
        chunk.data());
  }

  private Segment acknowledgement() {
    return Segment.bare(sender.endSequence(), receiver.nextSequence(), TcpFlags.ACK, window());
  }

  private int window() {
    int shift = scaling ? settings.windowShift() : 0;
    return (int) Math.min(receiver.window() >>> shift, MOST_WINDOW);
  }

  /// Waits until both sides have agreed.
  ///
  /// @throws IOException if they have not
  public void awaitEstablished(long timeoutNanos) throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = timeoutNanos;
      while (state == State.SYN_SENT || state == State.SYN_RECEIVED) {
        if (left <= 0) {
          throw new TimeoutException("connection timed out");
        }
        left = changed.awaitNanos(left);
      }
      if (state == State.CLOSED) {
        throw new IOException(failure);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Reads what has come, without waiting.
  ///
  /// @return bytes read; 0 if there are none now, -1 if none will come
  /// @throws IOException if the connection has failed, after all that came before was read
  public int poll(byte[] to, int at, int length) throws IOException {
    lock.lock();
    try {
      if (closedHere) {
        throw new IOException("closed");
      }
      int count = receiver == null ? 0 : receiver.read(to, at, length);
      if (count > 0) {
        if (receiver.isUpdateDue() && state.mayReceive()) {
          owesAcknowledgement = true;
          wanted.run();
        }
        return count;
      }
      if (receiver != null && receiver.isFinished()) {
        return -1;
      }
      if (state == State.CLOSED) {
        throw new IOException(failure);
      }
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /// Reads at least one byte, waiting for it.
  ///
  /// @return bytes read, or -1 if none will come
  /// @throws IOException if the connection has failed, or nothing came in time
  public int read(byte[] to, int at, int length, long timeoutNanos)
      throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = timeoutNanos;
      int count = length == 0 ? 0 : poll(to, at, length);
      while (count == 0 && length > 0) {
        if (left <= 0) {
          throw new TimeoutException("nothing came in time");
        }
        left = changed.awaitNanos(left);
        count = poll(to, at, length);
      }
      return count;
    } finally {
      lock.unlock();
    }
  }

  /// Takes as many bytes as there is room for, without waiting.
  ///
  /// @throws IOException if nothing can be sent any more
  public int offer(byte[] from, int at, int length) throws IOException {
    lock.lock();
    try {
      if (state == State.CLOSED) {
        throw new IOException(failure);
      }
      if (sender.isFinishing()) {
        throw new IOException("closed");
      }
      int count = sender.write(from, at, length);
      if (count > 0) {
        wanted.run();
      }
      return count;
    } finally {
      lock.unlock();
    }
  }

  /// Writes all of it, waiting for room.
  ///
  /// @throws IOException if it cannot be sent any more, or there was no room in time
  public void write(byte[] from, int at, int length, long timeoutNanos)
      throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      int done = offer(from, at, length);
      long left = timeoutNanos;
      while (done < length) {
        if (left <= 0) {
          throw new TimeoutException("the peer takes nothing");
        }
        left = changed.awaitNanos(left);
        int now = offer(from, at + done, length - done);
        done += now;
        left = now > 0 ? timeoutNanos : left;
      }
    } finally {
      lock.unlock();
    }
  }

  /// Says that nothing more will be written.
  public void finish() {
    lock.lock();
    try {
      if (sender.isFinishing()) {
        return;
      }
      switch (state) {
        case ESTABLISHED -> state = State.FIN_WAIT_1;
        case CLOSE_WAIT -> state = State.LAST_ACK;
        default -> {
          return;
        }
      }
      sender.finish();
      wanted.run();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the connection: in order if all that came was read, else by a reset. What was written is
  /// still sent.
  public void close(long nowNanos) {
    lock.lock();
    try {
      if (closedHere) {
        return;
      }
      closedHere = true;
      changed.signalAll();
      if (!state.isSynchronized() || receiver.available() > 0) {
        resetNow("closed");
        wanted.run();
        return;
      }
      finish();
      if (state != State.TIME_WAIT) {
        stateDeadline = nowNanos + ORPHAN_NANOS;
      }
      wanted.run();
      receiver.free();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the connection by a reset, now.
  public void abort(String why) {
    lock.lock();
    try {
      resetNow(why);
      wanted.run();
    } finally {
      lock.unlock();
    }
  }
}
