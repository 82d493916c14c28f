/// The way of one request through the stations.
package dev.portcullis.unit.translate;
