// A deployment to try things on: little of everything, and no alerts. See main.bicep for every parameter and its default.
using 'main.bicep'

param namePrefix = 'kixo-dev'
param tags = { environment: 'dev' }

// Cannot be changed later.
param partitions = 4

param retentionDays = 1
param throughputUnits = 1
param maximumThroughputUnits = 2

param maximumInstances = 40
param instanceMemoryMB = 2048
param expectedInstances = 1

param storageSku = 'Standard_LRS'
param keepEventsDays = 30
param maximumLogGBPerDay = 1
