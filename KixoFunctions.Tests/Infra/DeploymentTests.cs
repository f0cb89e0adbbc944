using System.Text.Json;

namespace Kixo.Tests.Infra;

/// <summary>What infra/ promises about the resources it creates.</summary>
public sealed class DeploymentTests
{
    [BicepFact]
    public async Task Storage_TakesNoKeys_NoPlainHttp_AndShowsNothingToThePublic()
    {
        var storage = (await Deployment.First).The("Microsoft.Storage/storageAccounts").GetProperty("properties");

        Assert.False(storage.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(storage.GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.True(storage.GetProperty("supportsHttpsTrafficOnly").GetBoolean());
        Assert.Contains(storage.GetProperty("minimumTlsVersion").GetString(), new[] { "TLS1_2", "TLS1_3" });
    }

    [BicepFact]
    public async Task Storage_HasTheTablesAndContainersTheAppUses()
    {
        var deployment = await Deployment.First;

        Assert.Equal(["ApiKeys", "Projects", "RateCounters"], deployment.Names("Microsoft.Storage/storageAccounts/tableServices/tables").Order());
        Assert.Equal(
            ["app-package", "azure-webjobs-eventhub", "dead-letters", "events"],
            deployment.Names("Microsoft.Storage/storageAccounts/blobServices/containers").Order());
    }

    [BicepFact]
    public async Task EventHubs_TakesNoKeys_InflatesByItself_AndHasTheHubTheAppUses()
    {
        var deployment = await Deployment.First;
        var eventHubs = deployment.The("Microsoft.EventHub/namespaces");
        var properties = eventHubs.GetProperty("properties");

        Assert.Equal("Standard", eventHubs.GetProperty("sku").GetProperty("name").GetString());
        Assert.True(properties.GetProperty("disableLocalAuth").GetBoolean());
        Assert.True(properties.GetProperty("isAutoInflateEnabled").GetBoolean());
        Assert.Contains(properties.GetProperty("minimumTlsVersion").GetString(), new[] { "1.2", "1.3" });
        Assert.Equal(["events"], deployment.Names("Microsoft.EventHub/namespaces/eventhubs"));
    }

    [BicepFact]
    public async Task Telemetry_TakesNoKeys()
    {
        var deployment = await Deployment.First;

        Assert.True(deployment.The("Microsoft.Insights/components").GetProperty("properties").GetProperty("DisableLocalAuth").GetBoolean());
        Assert.True(deployment.The("Microsoft.OperationalInsights/workspaces").GetProperty("properties")
            .GetProperty("features").GetProperty("disableLocalAuth").GetBoolean());
    }

    [BicepFact]
    public async Task App_IsReachedByHttpsOnly_AndPublishedWithoutAPassword()
    {
        var deployment = await Deployment.First;
        var app = deployment.The("Microsoft.Web/sites").GetProperty("properties");
        var publishing = deployment.All("Microsoft.Web/sites/basicPublishingCredentialsPolicies").ToList();

        Assert.True(app.GetProperty("httpsOnly").GetBoolean());
        Assert.Contains(app.GetProperty("siteConfig").GetProperty("minTlsVersion").GetString(), new[] { "1.2", "1.3" });
        Assert.Contains(app.GetProperty("siteConfig").GetProperty("scmMinTlsVersion").GetString(), new[] { "1.2", "1.3" });
        Assert.Equal(["ftp", "scm"], deployment.Names("Microsoft.Web/sites/basicPublishingCredentialsPolicies").Order());
        Assert.All(publishing, p => Assert.False(p.GetProperty("properties").GetProperty("allow").GetBoolean()));
    }

    [BicepFact]
    public async Task App_RunsDotNet10Isolated_OnFlexConsumption_AsItsOwnIdentity()
    {
        var deployment = await Deployment.First;
        var app = deployment.The("Microsoft.Web/sites");
        var identity = deployment.The("Microsoft.ManagedIdentity/userAssignedIdentities").GetProperty("id").GetString();
        var config = app.GetProperty("properties").GetProperty("functionAppConfig");
        var package = config.GetProperty("deployment").GetProperty("storage").GetProperty("authentication");

        Assert.Equal("FC1", deployment.The("Microsoft.Web/serverfarms").GetProperty("sku").GetProperty("name").GetString());
        Assert.Equal("dotnet-isolated", config.GetProperty("runtime").GetProperty("name").GetString());
        Assert.Equal("10.0", config.GetProperty("runtime").GetProperty("version").GetString());
        Assert.Equal("UserAssigned", app.GetProperty("identity").GetProperty("type").GetString());
        Assert.Equal([identity], app.GetProperty("identity").GetProperty("userAssignedIdentities").EnumerateObject().Select(i => i.Name));
        Assert.Equal("UserAssignedIdentity", package.GetProperty("type").GetString());
        Assert.Equal(identity, package.GetProperty("userAssignedIdentityResourceId").GetString());
    }

    [BicepFact]
    public async Task Identity_HasTheRolesItNeeds_EachOnOneResource_AndNoOther()
    {
        var deployment = await Deployment.First;
        var identity = deployment.The("Microsoft.ManagedIdentity/userAssignedIdentities").GetProperty("id").GetString()!;
        var roles = deployment.All("Microsoft.Authorization/roleAssignments").ToList();

        var storage = deployment.The("Microsoft.Storage/storageAccounts").GetProperty("id").GetString()!;
        var hub = deployment.The("Microsoft.EventHub/namespaces/eventhubs").GetProperty("id").GetString()!;
        var insights = deployment.The("Microsoft.Insights/components").GetProperty("id").GetString()!;
        var needed = new[]
        {
            (storage, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"), // Storage Blob Data Owner
            (storage, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"), // Storage Table Data Contributor
            (storage, "974c5e8b-45b9-4653-ba55-5f855dd0fb88"), // Storage Queue Data Contributor
            (hub, "2b629674-e913-4c01-ae53-ef4638d8f975"),     // Azure Event Hubs Data Sender
            (hub, "a638d3c7-ab3a-418d-83e6-5f17a39d4fde"),     // Azure Event Hubs Data Receiver
            (insights, "3913510d-42f4-4e42-8a64-420c390055eb"), // Monitoring Metrics Publisher
        };

        Assert.Equal(needed.Order(), roles.Select(r => (Scope(r), Property(r, "roleDefinitionId").Split('/')[^1])).Order());
        Assert.All(roles, r => Assert.Equal($"[reference('{identity}', '2023-01-31').principalId]", Property(r, "principalId")));
        Assert.All(roles, r => Assert.Matches(@"^[\w ]+: \w.{20,}\.$", Property(r, "description")));

        static string Scope(JsonElement role) => role.GetProperty("id").GetString()!.Split("/providers/Microsoft.Authorization/")[0];
        static string Property(JsonElement role, string name) => role.GetProperty("properties").GetProperty(name).GetString()!;
    }

    [BicepFact]
    public async Task AppSettings_AreThoseTheAppReads_AndHoldNoKey()
    {
        var deployment = await Deployment.First;
        var eventHubs = deployment.The("Microsoft.EventHub/namespaces").GetProperty("name").GetString();
        var settings = deployment.The("Microsoft.Web/sites/config").GetProperty("properties").EnumerateObject()
            .ToDictionary(s => s.Name, s => s.Value.GetString()!);

        // FUNCTIONS_WORKER_RUNTIME and FUNCTIONS_EXTENSION_VERSION are not among them: Flex Consumption refuses both.
        Assert.Equal(
            [
                "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
                "APPLICATIONINSIGHTS_CONNECTION_STRING",
                "AzureWebJobsStorage__blobServiceUri",
                "AzureWebJobsStorage__clientId",
                "AzureWebJobsStorage__credential",
                "AzureWebJobsStorage__queueServiceUri",
                "AzureWebJobsStorage__tableServiceUri",
                "EventHub__clientId",
                "EventHub__credential",
                "EventHub__fullyQualifiedNamespace",
                "Storage__blobServiceUri",
                "Storage__clientId",
                "Storage__tableServiceUri",
            ],
            settings.Keys.Order(StringComparer.Ordinal));

        Assert.Equal($"{eventHubs}.servicebus.windows.net", settings["EventHub__fullyQualifiedNamespace"]);
        Assert.All(settings.Where(s => s.Key.EndsWith("__credential", StringComparison.Ordinal)), s => Assert.Equal("managedidentity", s.Value));
        Assert.All(settings.Where(s => s.Key.EndsWith("__clientId", StringComparison.Ordinal)), s => Assert.EndsWith(".clientId]", s.Value));
        foreach (var service in new[] { "blob", "queue", "table" })
        {
            Assert.All(
                settings.Where(s => s.Key.EndsWith($"__{service}ServiceUri", StringComparison.Ordinal)),
                s => Assert.EndsWith($".primaryEndpoints.{service}]", s.Value));
        }

        Assert.Contains("Authorization=AAD", settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]);
        Assert.All(settings.Values, v => Assert.DoesNotContain("AccountKey", v));
        Assert.All(settings.Values, v => Assert.DoesNotContain("SharedAccess", v));
    }

    [BicepFact]
    public async Task Outputs_AreNamesAndTheUrl()
    {
        var outputs = (await Deployment.First).Outputs.EnumerateObject().ToDictionary(o => o.Name, o => o.Value.GetString()!);

        Assert.Equal(["appName", "eventHubsNamespaceName", "functionUrl", "storageAccountName"], outputs.Keys.Order());
        Assert.StartsWith("[format('https://{0}', reference(", outputs["functionUrl"]);
        Assert.EndsWith(".defaultHostName)]", outputs["functionUrl"]);
    }

    [BicepFact]
    public async Task Names_WithTheLongestPrefix_AreNamesAzureTakes()
    {
        var template = await BicepCompiler.RunAsync(BicepCompiler.InfraFolder, "build", "--stdout", "main.bicep");
        var longest = JsonDocument.Parse(template.Output).RootElement.GetProperty("parameters").GetProperty("namePrefix").GetProperty("maxLength").GetInt32();

        var deployment = await Deployment.PredictAsync($"param namePrefix = '{new string('k', longest)}'");

        Assert.Matches("^[a-z0-9]{3,24}$", deployment.The("Microsoft.Storage/storageAccounts").GetProperty("name").GetString());
        Assert.Matches("^[a-z][a-z0-9-]{4,48}[a-z0-9]$", deployment.The("Microsoft.EventHub/namespaces").GetProperty("name").GetString());
        Assert.Matches("^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$", deployment.The("Microsoft.Web/sites").GetProperty("name").GetString());
    }

    [BicepFact]
    public async Task ThroughputUnits_AboveTheMaximumToInflateTo_RaiseIt()
    {
        var deployment = await Deployment.PredictAsync("param throughputUnits = 20", "param maximumThroughputUnits = 10");
        var eventHubs = deployment.The("Microsoft.EventHub/namespaces");

        Assert.Equal(20, eventHubs.GetProperty("sku").GetProperty("capacity").GetInt32());
        Assert.Equal(20, eventHubs.GetProperty("properties").GetProperty("maximumThroughputUnits").GetInt32());
    }
}
