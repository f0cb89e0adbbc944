// A first deployment. See main.bicep for every parameter and its default.
using 'main.bicep'

param namePrefix = 'kixo'

// Cannot be changed later.
param partitions = 16

param throughputUnits = 1
param maximumThroughputUnits = 10

param maximumInstances = 100
param instanceMemoryMB = 2048
