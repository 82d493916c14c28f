package dev.portcullis.vmm.memory;

import java.util.HashSet;
import java.util.Set;

/// Whose pages are.
public sealed interface Owner {

  /// Whether `partition` may have the pages in its map.
  boolean admits(String partition);

  /// Nobody's but the monitor's: its own memory, the firmware's, the unit's tables. In no map.
  ///
  /// @param purpose for people
  record Reserved(String purpose) implements Owner {
    @Override
    public boolean admits(String partition) {
      return false;
    }

    @Override
    public String toString() {
      return purpose;
    }
  }

  /// One partition's.
  ///
  /// @param partition its name
  record Window(String partition) implements Owner {
    @Override
    public boolean admits(String asking) {
      return partition.equals(asking);
    }

    @Override
    public String toString() {
      return "partition " + partition;
    }
  }

  /// Several partitions', who were declared to share it.
  ///
  /// @param purpose for people
  /// @param partitions their names
  record Shared(String purpose, Set<String> partitions) implements Owner {
    public Shared {
      partitions = Set.copyOf(partitions);
    }

    @Override
    public boolean admits(String asking) {
      return partitions.contains(asking);
    }

    Shared without(String partition) {
      Set<String> rest = new HashSet<>(partitions);
      rest.remove(partition);
      return new Shared(purpose, rest);
    }

    @Override
    public String toString() {
      return purpose;
    }
  }
}
