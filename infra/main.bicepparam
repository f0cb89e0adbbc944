// What azd deploys. AZURE_ENV_NAME and AZURE_LOCATION are the environment's that azd asks for; `azd env set` sets the others.
using 'main.bicep'

param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param tags = { 'azd-env-name': readEnvironmentVariable('AZURE_ENV_NAME', 'kixo') }

// Cannot be changed later.
param partitions = int(readEnvironmentVariable('KIXO_PARTITIONS', '16'))

param alertEmail = readEnvironmentVariable('KIXO_ALERT_EMAIL', '')
