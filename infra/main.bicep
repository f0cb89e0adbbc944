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

@description('Instances that are kept running for HTTP requests, and paid for, so that the first request after a pause need not wait for a start.')
@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int = 0

@description('Instances that usually run at once: by this number a project\'s limit is divided while the rate counters do not answer.')
@minValue(1)
@maxValue(1000)
param expectedInstances int = 4

@description('Origins whose pages may post batches, comma-separated, such as https://example.com; * for all. The app answers for itself: the platform\'s CORS stays off.')
param allowedOrigins string = '*'

@description('Copies of the stored data: Standard_LRS keeps them in one building, Standard_ZRS in three zones of a region that has them, Standard_GZRS in a second region too.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Days after which stored events and dead letters are deleted. More than the hub keeps messages, so that none comes back; without a value they are kept for ever.')
@minValue(8)
@maxValue(36500)
param keepEventsDays int?

@description('GB of logs and metrics a day, beyond which none are taken in until the next day: what a flood of errors may cost.')
@minValue(1)
@maxValue(1000)
param maximumLogGBPerDay int = 5

@description('Where alerts are mailed to. Empty: there are no alerts.')
param alertEmail string = ''

@description('True: storage and event hub are reached through a virtual network only. Then so must be whoever uses kixo on them.')
param privateNetwork bool = false

@description('Put on every resource, for bills and for azd.')
param tags tagsType = {}

type tagsType = { *: string }

var uniqueSuffix = uniqueString(resourceGroup().id)
var name = '${namePrefix}-${uniqueSuffix}'

var publicNetworkAccess = privateNetwork ? 'Disabled' : 'Enabled'

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
  tags: tags
}

// ---- Storage: keys, counters, the event lake, the host's own state ----

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: toLower('${replace(namePrefix, '-', '')}${uniqueSuffix}')
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: storageSku }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: publicNetworkAccess
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

  resource lifecycle 'managementPolicies' = if (keepEventsDays != null) {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'old-events'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['events/', 'dead-letters/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: keepEventsDays! } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobServices]
  }
}

// ---- Event Hubs: between acknowledgement and lake ----

resource eventHubs 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard', capacity: throughputUnits }
  properties: {
    disableLocalAuth: true
    isAutoInflateEnabled: true
    maximumThroughputUnits: max(throughputUnits, maximumThroughputUnits)
    minimumTlsVersion: '1.2'
    publicNetworkAccess: publicNetworkAccess
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
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    workspaceCapping: { dailyQuotaGb: maximumLogGBPerDay }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}

// What neither the app nor its metrics can say.

resource hubDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'operations' // changes to the namespace, and when it inflated
  scope: eventHubs
  properties: {
    workspaceId: workspace.id
    logs: [
      { category: 'OperationalLogs', enabled: true }
      { category: 'AutoScaleLogs', enabled: true }
    ]
  }
}

resource storageDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'deletions' // who deleted what; reads and writes are too many to pay for
  scope: storage::blobServices
  properties: {
    workspaceId: workspace.id
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource appDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'host' // why the app does not start
  scope: app
  properties: {
    workspaceId: workspace.id
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
  }
}

module alerts 'alerts.bicep' = if (!empty(alertEmail)) {
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: workspace.id
    email: alertEmail
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

// ---- The network, where it is a private one ----

module network 'network.bicep' = if (privateNetwork) {
  params: {
    name: name
    location: location
    tags: tags
    storageId: storage.id
    eventHubsId: eventHubs.id
  }
}

// ---- The app ----

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'app' }) // the service of azure.yaml
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: privateNetwork ? network!.outputs.appSubnetId : null
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
    functionAppConfig: {
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
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
      AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId

      Kixo__Cors__AllowedOrigins: allowedOrigins
      Kixo__RateLimiting__ExpectedInstances: string(min(expectedInstances, maximumInstances))

      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'

      // One trace in two seconds from an instance: a hundred instances would pay for five hundred a second otherwise.
      OTEL_TRACES_SAMPLER: 'microsoft.rate_limited'
      OTEL_TRACES_SAMPLER_ARG: '0.5'
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
