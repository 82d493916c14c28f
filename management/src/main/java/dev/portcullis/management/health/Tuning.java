package dev.portcullis.management.health;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.event.Subject;
import java.util.Collection;
import java.util.List;

/// One kind of change. Its changes have names that no other kind's have.
interface Tuning {

  /// What could be changed now, what was, and what stays as it is.
  ///
  /// @throws VmmException if that cannot be found out
  List<Advice> advice() throws VmmException;

  /// Makes a change that is offered.
  ///
  /// @param advice of this kind
  /// @throws VmmException if the unit fails
  Done apply(Advice advice) throws VmmException;

  /// The names of the changes that were made and not undone.
  Collection<String> changes();

  /// Undoes a change.
  ///
  /// @param id one of [#changes]
  /// @throws VmmException if the unit fails; part of it may be undone then
  Done revert(String id) throws VmmException;

  /// What was changed, or undone.
  ///
  /// @param of whose it is
  /// @param text why, with the figures
  record Done(Subject of, String text) {}
}
