/// What a unit tells those who watch it. Start with [UnitObserver].
package dev.portcullis.unit.observe;
