metadata description = 'Alerts, each a query over the metrics that the app sends: one row of its answer means trouble. docs/operations.md says what to do.'

@description('Starts the name of every alert.')
param name string

@description('Region of the alerts: that of the workspace.')
param location string

@description('Put on every alert.')
param tags { *: string }

@description('The Log Analytics workspace that has the metrics, in table AppMetrics.')
param workspaceId string

@description('Where alerts are mailed to.')
param email string

var unavailablePercent = 1
var rateLimitedPercent = 10
var lagSeconds = 300

@description('Batches in a quarter of an hour, below which shares say nothing.')
var fewestBatches = 20

var alerts = [
  {
    name: 'unavailable'
    description: 'More than ${unavailablePercent} % of the batches of 15 minutes were answered 503.'
    severity: 1
    window: 'PT15M'
    query: $'''
      AppMetrics
      | where Name == 'kixo.requests'
      | summarize Batches = sum(Sum), Refused = sumif(Sum, tostring(Properties.outcome) == 'unavailable')
      | where Batches >= ${fewestBatches} and Refused * 100 > Batches * ${unavailablePercent}
    '''
  }
  {
    name: 'rate-limited'
    description: 'More than ${rateLimitedPercent} % of the batches of 15 minutes were over the limit of their project.'
    severity: 3
    window: 'PT15M'
    query: $'''
      AppMetrics
      | where Name == 'kixo.requests'
      | summarize Batches = sum(Sum), Refused = sumif(Sum, tostring(Properties.outcome) == 'rate_limited')
      | where Batches >= ${fewestBatches} and Refused * 100 > Batches * ${rateLimitedPercent}
    '''
  }
  {
    name: 'lag'
    description: 'Events took more than ${lagSeconds} seconds from receipt to the lake, or some were accepted and none was stored.'
    severity: 2
    window: 'PT15M'
    query: $'''
      AppMetrics
      | where Name in ('kixo.events.accepted', 'kixo.lake.lag')
      | summarize
          Accepted = sumif(Sum, Name == 'kixo.events.accepted' and TimeGenerated between (ago(10m) .. ago(5m))),
          Appends = countif(Name == 'kixo.lake.lag'),
          Longest = maxif(Max, Name == 'kixo.lake.lag')
      | where Longest > ${lagSeconds} or (Accepted > 0 and Appends == 0)
    '''
  }
  {
    name: 'dead-letters'
    description: 'Messages could not be read and were put to dead letters.'
    severity: 2
    window: 'PT15M'
    query: '''
      AppMetrics
      | where Name == 'kixo.messages.dead_lettered'
      | summarize Messages = sum(Sum)
      | where Messages > 0
    '''
  }
  {
    name: 'no-events'
    description: 'No event was accepted for an hour.'
    severity: 1
    window: 'PT1H'
    query: '''
      AppMetrics
      | where Name == 'kixo.events.accepted'
      | summarize Events = sum(Sum)
      | where Events == 0
    '''
  }
]

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'kixo'
    enabled: true
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}-${alert.name}'
      description: alert.description
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      skipQueryValidation: true // a new workspace has no such table yet
      criteria: {
        allOf: [{ query: alert.query, timeAggregation: 'Count', operator: 'GreaterThan', threshold: 0 }]
      }
      actions: { actionGroups: [mail.id] }
    }
  }
]
