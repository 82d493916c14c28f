/// Time limits: how a unit is told that time is up.
package dev.portcullis.unit.time;
