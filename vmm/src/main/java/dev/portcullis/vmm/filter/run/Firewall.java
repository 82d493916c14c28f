package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.Decision;
import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.Inspection;
import dev.portcullis.vmm.filter.Inspector;
import dev.portcullis.vmm.filter.rule.Checks;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.track.Connections;
import dev.portcullis.vmm.filter.track.Connections.Bounds;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Judges frames by the rules that are in force.
///
/// Rules change as a whole: a frame is judged at all its hooks by the rules that were in force when
/// it came. Until there are rules, and when judging fails, everything is dropped. For any thread;
/// judging takes no lock.
public final class Firewall implements Inspector {
  /// What there is before there are rules.
  private static final Inspection NOTHING_PASSES =
      new Inspection() {
        @Override
        public Decision judge(Hook hook, String out) {
          return Decision.NO_RULES;
        }

        @Override
        public Optional<byte[]> answer() {
          return Optional.empty();
        }
      };

  private record InForce(Program program, Connections connections) {}

  private final Bounds bounds;
  private final LongSupplier nanoClock;
  private final Consumer<LogEntry> log;
  private final List<FrameWitness> witnesses = new CopyOnWriteArrayList<>();
  private volatile InForce inForce;

  /// A firewall of usual bounds.
  ///
  /// @param log told on the thread that judges; must not wait
  public Firewall(Consumer<LogEntry> log) {
    this(Bounds.USUAL, System::nanoTime, log);
  }

  /// @param bounds how many connections are known
  /// @param nanoClock as [System#nanoTime]
  /// @param log told on the thread that judges; must not wait
  public Firewall(Bounds bounds, LongSupplier nanoClock, Consumer<LogEntry> log) {
    this.bounds = bounds;
    this.nanoClock = nanoClock;
    this.log = log;
  }

  /// Puts other rules in force, all at once. Their counters go on from what they say.
  ///
  /// @throws RulesetException if they make no sense; the old ones stay in force
  public void load(Ruleset ruleset, Established established) throws RulesetException {
    Checks.check(ruleset);
    Program program = Compiler.compile(ruleset, nanoClock, log);
    synchronized (this) {
      boolean keeps = established == Established.KEEP && inForce != null;
      Connections connections = keeps ? inForce.connections : new Connections(bounds, nanoClock);
      inForce = new InForce(program, connections);
    }
  }

  /// Takes all rules out of force: nothing passes any more, and connections are forgotten.
  public synchronized void close() {
    inForce = null;
  }

  /// The rules in force, with what they have counted.
  public Optional<Ruleset> ruleset() {
    return Optional.ofNullable(inForce).map(now -> now.program.withCounts());
  }

  /// How many connections are known.
  public int connections() {
    InForce now = inForce;
    return now == null ? 0 : now.connections.size();
  }

  /// Has `witness` see every frame before it is judged.
  public void onFrame(FrameWitness witness) {
    witnesses.add(witness);
  }

  @Override
  public Inspection inspect(Packet packet, String in, int vlanId) {
    for (FrameWitness witness : witnesses) {
      witness.saw(packet, in);
    }
    InForce now = inForce;
    return now == null
        ? NOTHING_PASSES
        : new Judgement(now.program, now.connections, packet, in, vlanId);
  }
}
