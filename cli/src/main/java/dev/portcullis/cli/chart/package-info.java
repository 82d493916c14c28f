/// Charts: what is drawn, and two ways to draw it, as SVG and as PNG.
package dev.portcullis.cli.chart;
