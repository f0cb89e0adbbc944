// A deployment for customers. See main.bicep for every parameter and its default.
using 'main.bicep'

param namePrefix = 'kixo-prod'
param tags = { environment: 'prod' }

// Cannot be changed later.
param partitions = 32

param retentionDays = 7
param throughputUnits = 2
param maximumThroughputUnits = 20

param maximumInstances = 100
param instanceMemoryMB = 2048
param alwaysReadyInstances = 2
param expectedInstances = 4

param storageSku = 'Standard_ZRS'
param keepEventsDays = 730
param maximumLogGBPerDay = 20
param alertEmail = readEnvironmentVariable('KIXO_ALERT_EMAIL')
