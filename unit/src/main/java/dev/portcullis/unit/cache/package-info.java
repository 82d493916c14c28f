/// Station 5 of a DMA: what the unit remembers of the tables. A cached entry is used until software
/// invalidates it, however the tables have changed since.
///
/// Lookups take no lock: they read a version, the entry, and the version again. Whoever fills or
/// removes makes the version odd meanwhile. A fill names the [Epoch] that was current before its
/// walk; every invalidation begins a new one, so that a walk which began before an invalidation
/// leaves nothing behind after it.
package dev.portcullis.unit.cache;
