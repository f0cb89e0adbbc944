metadata description = 'Kixo.Functions: the function app, its event hub, its storage and its telemetry. No keys anywhere: the app reaches everything with its own identity.'

@description('Starts the name of every resource: lower-case letters, digits and hyphens, a letter first.')
@minLength(3)
@maxLength(11) // a storage account name ends at 24 characters, 13 of them make it unique
param namePrefix string = 'kixo'

@description('Region of every resource; one that offers Flex Consumption (az functionapp list-flexconsumption-locations).')
param location string = resourceGroup().location

@description('Partitions of the event hub: how many instances can write to the lake at once. Standard namespaces cannot change it later.')
@minValue(1)
@maxValue(32)
param partitions int = 16

@description('Days the hub keeps events: how long the lake may be out of reach before any are lost.')
@minValue(1)
@maxValue(7)
param retentionDays int = 7

@description('Throughput units the namespace starts with: each takes in 1,000 messages a second, and no more than 1 MB. The events of a request are one message.')
@minValue(1)
@maxValue(40)
param throughputUnits int = 1

@description('Throughput units up to which the namespace inflates by itself. It does not deflate by itself: a deployment sets it back to throughputUnits.')
@minValue(1)
@maxValue(40)
param maximumThroughputUnits int = 10

@description('Instances the app may scale out to.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 100

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Copies of the stored data: Standard_LRS keeps them in one building, Standard_ZRS in three zones of a region that has them.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_ZRS'

var uniqueSuffix = uniqueString(resourceGroup().id)
var name = '${namePrefix}-${uniqueSuffix}'

var tables = ['ApiKeys', 'Projects', 'RateCounters']
var packageContainer = 'app-package'
var containers = [
  'events' // the event lake
  'dead-letters'
  'azure-webjobs-eventhub' // checkpoints of the Event Hubs trigger
  packageContainer
]

// What the app's identity may do, and why. Nothing else is granted.
var roles = {
  storage: [
    {
      id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
      name: 'Storage Blob Data Owner'
      reason: 'Event lake, dead letters, checkpoints, the deployment package, and the containers the Functions host makes for itself.'
    }
    {
      id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
      name: 'Storage Table Data Contributor'
      reason: 'API keys and projects, rate counters, and the diagnostic events of the Functions host.'
    }
    {
      id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
      name: 'Storage Queue Data Contributor'
      reason: 'The Functions host expects blobs, queues and tables of its AzureWebJobsStorage.'
    }
  ]
  hub: [
    {
      id: '2b629674-e913-4c01-ae53-ef4638d8f975'
      name: 'Azure Event Hubs Data Sender'
      reason: 'Ingestion publishes accepted events.'
    }
    {
      id: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
      name: 'Azure Event Hubs Data Receiver'
      reason: 'The trigger and the scale controller read the hub. A consumer group would be too narrow a scope for them.'
    }
  ]
  insights: [
    {
      id: '3913510d-42f4-4e42-8a64-420c390055eb'
      name: 'Monitoring Metrics Publisher'
      reason: 'Telemetry, sent without an instrumentation key.'
    }
  ]
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

// ---- Storage: keys, counters, the event lake, the host's own state ----

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: toLower('${replace(namePrefix, '-', '')}${uniqueSuffix}')
  location: location
  kind: 'StorageV2'
  sku: { name: storageSku }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobServices 'blobServices' = {
    name: 'default'
    properties: {
      // For containers only: with soft delete of blobs, every commit to a lake blob would leave a billed copy behind.
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource container 'containers' = [for container in containers: { name: container }]
  }

  resource tableServices 'tableServices' = {
    name: 'default'

    resource table 'tables' = [for table in tables: { name: table }]
  }
}

// ---- Event Hubs: between acknowledgement and lake ----

resource eventHubs 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: name
  location: location
  sku: { name: 'Standard', tier: 'Standard', capacity: throughputUnits }
  properties: {
    disableLocalAuth: true
    isAutoInflateEnabled: true
    maximumThroughputUnits: max(throughputUnits, maximumThroughputUnits)
    minimumTlsVersion: '1.2'
  }

  resource hub 'eventhubs' = {
    name: 'events'
    properties: {
      partitionCount: partitions
      retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: retentionDays * 24 }
    }
  }
}

// ---- Telemetry ----

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: name
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}

// ---- Roles: scope is fixed where a resource is declared, so there is a loop for each ----

type roleType = { id: string, name: string, reason: string }

func grant(role roleType, principalId string) object => {
  roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
  principalId: principalId
  principalType: 'ServicePrincipal' // else a principal this new may not be found yet
  description: '${role.name}: ${role.reason}'
}

resource storageRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles.storage: {
    name: guid(storage.id, identity.id, role.id)
    scope: storage
    properties: grant(role, identity.properties.principalId)
  }
]

resource hubRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles.hub: {
    name: guid(eventHubs::hub.id, identity.id, role.id)
    scope: eventHubs::hub
    properties: grant(role, identity.properties.principalId)
  }
]

resource insightsRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles.insights: {
    name: guid(insights.id, identity.id, role.id)
    scope: insights
    properties: grant(role, identity.properties.principalId)
  }
]

// ---- The app ----

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
    functionAppConfig: {
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemoryMB
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
    }
  }
  dependsOn: [
    storage::blobServices::container
    storageRoles
    hubRoles
    insightsRoles
  ]

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      EventHub__fullyQualifiedNamespace: '${eventHubs.name}.servicebus.windows.net'
      EventHub__credential: 'managedidentity'
      EventHub__clientId: identity.properties.clientId

      Storage__blobServiceUri: storage.properties.primaryEndpoints.blob
      Storage__tableServiceUri: storage.properties.primaryEndpoints.table
      Storage__clientId: identity.properties.clientId

      AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
      AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId

      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
    }
  }

  // Publishing is by Entra ID: no deployment user name and password.
  resource ftpCredentials 'basicPublishingCredentialsPolicies' = { name: 'ftp', properties: { allow: false } }
  resource scmCredentials 'basicPublishingCredentialsPolicies' = { name: 'scm', properties: { allow: false } }
}

@description('Where SDKs send their batches: POST <url>/v1/batch.')
output functionUrl string = 'https://${app.properties.defaultHostName}'

@description('What to publish to: func azure functionapp publish <name>.')
output appName string = app.name

@description('Holds keys, projects and the event lake.')
output storageAccountName string = storage.name

@description('Holds the event hub.')
output eventHubsNamespaceName string = eventHubs.name
