package dev.portcullis.vmm.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.random.Seed;
import dev.portcullis.vmm.bridge.Bridge.Settings;
import dev.portcullis.vmm.bridge.Port.Role;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Frames, moves, changes of virtual LANs, ports that come and go, and time, by chance: the bridge
/// does what a list of sentences says.
class BridgePropertyTest {
  private static final int STORIES = 60;
  private static final int STEPS = 400;
  private static final int PORTS = 4;
  private static final long AGEING = Duration.ofSeconds(300).toNanos();
  private static final long ALL = 0xffff_ffff_ffffL;

  /// A port as a person would note it down.
  private static final class Note {
    private final Port port;
    private final TestLink link;
    private int own;
    private Set<Integer> allowed;

    private Note(Port port, TestLink link) {
      this.port = port;
      this.link = link;
    }

    /// The virtual LAN of a frame with this tag; 0 if it may not come in.
    private int lan(int tag) {
      int lan = tag <= 0 ? own : tag;
      return allowed.contains(lan) ? lan : 0;
    }
  }

  private record Heard(Note at, long nanos) {}

  private final AtomicLong now = new AtomicLong();
  private final List<Note> notes = new ArrayList<>();
  private final Map<List<Long>, Heard> heard = new HashMap<>();
  private SplittableRandom random;
  private Bridge bridge;
  private int delivered;
  private int names;

  @Test
  void framesGoWhereTheyShould() throws Exception {
    for (int story = 0; story < STORIES; story++) {
      random = Seed.ofThisRun().random(story);
      Firewall open = new Firewall(entry -> {});
      open.load(Ruleset.acceptAll(), Established.CUT);
      Settings settings = new Settings(Duration.ofNanos(AGEING), 1_000, 2_000);
      bridge = new Bridge(open, settings, new Clocks(now::get, () -> 0));
      notes.clear();
      heard.clear();
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(20)) {
          case 0 -> comeOrGo();
          case 1 -> changeLans();
          case 2 -> now.addAndGet(random.nextLong(AGEING));
          default -> send("%s, story %d, step %d".formatted(Seed.ofThisRun(), story, step));
        }
      }
    }
    assertThat(delivered).isGreaterThan(STORIES * STEPS / 5);
  }

  private void comeOrGo() throws Exception {
    if (notes.size() == PORTS) {
      Note gone = notes.remove(random.nextInt(PORTS));
      bridge.remove(gone.port);
      heard.values().removeIf(one -> one.at == gone);
      return;
    }
    TestLink link = new TestLink();
    Port port = bridge.add("p" + names++, Role.MEMBER, link, Vlans.DEFAULT);
    Note note = new Note(port, link);
    note.own = 1;
    note.allowed = Set.of(1);
    notes.add(note);
  }

  private void changeLans() {
    if (notes.isEmpty()) {
      return;
    }
    Note note = notes.get(random.nextInt(notes.size()));
    note.own = random.nextInt(4);
    Set<Integer> allowed = new TreeSet<>();
    for (int id = 1; id <= 3; id++) {
      if (id == note.own || random.nextInt(3) == 0) {
        allowed.add(id);
      }
    }
    note.allowed = allowed;
    note.port.changeVlans(note.own == 0 ? Vlans.trunk(allowed) : Vlans.trunk(allowed, note.own));
  }

  private void send(String as) {
    if (notes.isEmpty()) {
      return;
    }
    Note from = notes.get(random.nextInt(notes.size()));
    long source = 0x0200_0000_0000L + random.nextInt(6);
    long destination = random.nextInt(5) == 0 ? ALL : 0x0200_0000_0000L + random.nextInt(6);
    int tag = random.nextInt(-1, 5);
    String text = "9000" + "%04x".formatted(random.nextInt(1 << 16));
    from.link.inject(source, destination, tag < 0 ? text : "8100" + "%04x".formatted(tag) + text);
    Map<Note, String> expected = expected(from, source, destination, tag, text);
    for (Note note : notes) {
      List<String> wanted = expected.containsKey(note) ? List.of(expected.get(note)) : List.of();
      assertThat(note.link.taken()).as("%s at %s", as, note.port).isEqualTo(wanted);
      delivered += wanted.size();
    }
  }

  private Map<Note, String> expected(
      Note from, long source, long destination, int tag, String text) {
    int lan = from.lan(tag);
    if (lan == 0) {
      return Map.of();
    }
    heard.put(List.of(source, (long) lan), new Heard(from, now.get()));
    Heard known = heard.get(List.of(destination, (long) lan));
    boolean knows = destination != ALL && known != null && now.get() - known.nanos <= AGEING;
    Map<Note, String> expected = new HashMap<>();
    for (Note to : notes) {
      boolean candidate = to != from && to.allowed.contains(lan);
      if (candidate && (!knows || known.at == to)) {
        expected.put(to, lan == to.own ? text : "8100%04x".formatted(lan) + text);
      }
    }
    return expected;
  }
}
