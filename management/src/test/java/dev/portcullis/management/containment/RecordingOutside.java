package dev.portcullis.management.containment;

import java.util.ArrayList;
import java.util.List;

/// Remembers what it is told.
final class RecordingOutside implements Containment.Outside {
  final List<String> changes = new ArrayList<>();
  final List<String> refusals = new ArrayList<>();
  final List<String> troubles = new ArrayList<>();
  final List<String> switchedOff = new ArrayList<>();

  @Override
  public void changed(String partition, ContainmentState from, Trigger trigger, Standing to) {
    changes.add(
        "%s: %s, %s -> %s".formatted(partition, from.word(), trigger.word(), to.state().word()));
  }

  @Override
  public void refused(String partition, String why) {
    refusals.add(why);
  }

  @Override
  public void trouble(String what) {
    troubles.add(what);
  }

  @Override
  public void powerOff(String partition) {
    switchedOff.add(partition);
  }
}
