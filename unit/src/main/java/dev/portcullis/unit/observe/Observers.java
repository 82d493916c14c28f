package dev.portcullis.unit.observe;

import java.util.concurrent.CopyOnWriteArrayList;

/// Everyone who watches a unit.
public final class Observers {
  private final CopyOnWriteArrayList<UnitObserver> observers = new CopyOnWriteArrayList<>();
  private volatile boolean present;

  /// Nobody.
  public Observers() {}

  public synchronized void add(UnitObserver observer) {
    observers.add(observer);
    present = true;
  }

  public synchronized void remove(UnitObserver observer) {
    observers.remove(observer);
    present = !observers.isEmpty();
  }

  /// Whether anyone is there: asked before an event is made.
  public boolean arePresent() {
    return present;
  }

  public void tell(UnitEvent event) {
    for (UnitObserver observer : observers) {
      observer.observe(event);
    }
  }
}
