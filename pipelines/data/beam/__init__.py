"""Songs prepared by other processes and other machines, under Apache Beam."""
