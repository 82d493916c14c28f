package dev.portcullis.unit.observe;

/// Watches a unit.
///
/// Called on the thread that caused the event, devices' threads among them, several at a time. It
/// must be quick, must not throw, and must not access the unit.
@FunctionalInterface
public interface UnitObserver {
  void observe(UnitEvent event);
}
