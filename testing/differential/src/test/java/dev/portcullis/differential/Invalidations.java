package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;

/// How software tells a unit to forget.
interface Invalidations {
  /// Makes the way usable.
  void start() throws QtestException;

  /// All context entries.
  void contexts() throws QtestException;

  /// The context entries of domain `did`.
  void contextsOf(int did) throws QtestException;

  /// The context entry of a function.
  void context(int did, int sourceId) throws QtestException;

  /// All translations.
  void translations() throws QtestException;

  /// The translations of domain `did`.
  void translationsOf(int did) throws QtestException;

  /// Those of 2^`mask` pages from `address` on.
  void pages(int did, long address, int mask) throws QtestException;

  /// Waits until all that is done.
  void await() throws QtestException;

  /// Puts the way back to where it was before [#start].
  void stop() throws QtestException;
}
