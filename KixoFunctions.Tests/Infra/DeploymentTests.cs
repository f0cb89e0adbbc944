using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Azure.Messaging.EventHubs.Producer;
using Azure.Storage.Blobs;
using Kixo.Functions;
using Kixo.RateLimiting;
using Kixo.Tests.Contract;
using Kixo.Tests.Support;
using Kixo.Tests.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Kixo.Tests.Infra;

/// <summary>What infra/ promises about the resources it creates.</summary>
public sealed class DeploymentTests
{
    [BicepFact]
    public async Task Storage_TakesNoKeys_NoPlainHttp_AndShowsNothingToThePublic() => Assert.All(await Deployment.AllAsync(), deployment =>
    {
        var storage = deployment.The("Microsoft.Storage/storageAccounts").GetProperty("properties");

        Assert.False(storage.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(storage.GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.True(storage.GetProperty("supportsHttpsTrafficOnly").GetBoolean());
        Assert.Contains(storage.GetProperty("minimumTlsVersion").GetString(), new[] { "TLS1_2", "TLS1_3" });
    });

    [BicepFact]
    public async Task Storage_HasTheTablesAndContainersTheAppUses()
    {
        var deployment = await Deployment.Prod;

        Assert.Equal(["ApiKeys", "Projects", "RateCounters"], deployment.Names("Microsoft.Storage/storageAccounts/tableServices/tables").Order());
        Assert.Equal(
            ["app-package", "azure-webjobs-eventhub", "dead-letters", "events"],
            deployment.Names("Microsoft.Storage/storageAccounts/blobServices/containers").Order());
    }

    [BicepFact]
    public async Task EventHubs_TakesNoKeys_InflatesByItself_AndHasTheHubTheAppUses() => Assert.All(await Deployment.AllAsync(), deployment =>
    {
        var eventHubs = deployment.The("Microsoft.EventHub/namespaces");
        var properties = eventHubs.GetProperty("properties");

        Assert.Equal("Standard", eventHubs.GetProperty("sku").GetProperty("name").GetString());
        Assert.True(properties.GetProperty("disableLocalAuth").GetBoolean());
        Assert.True(properties.GetProperty("isAutoInflateEnabled").GetBoolean());
        Assert.Contains(properties.GetProperty("minimumTlsVersion").GetString(), new[] { "1.2", "1.3" });
        Assert.Equal([EventChunk.Hub], deployment.Names("Microsoft.EventHub/namespaces/eventhubs"));
    });

    [BicepFact]
    public async Task Telemetry_TakesNoKeys() => Assert.All(await Deployment.AllAsync(), deployment =>
    {
        Assert.True(deployment.The("Microsoft.Insights/components").GetProperty("properties").GetProperty("DisableLocalAuth").GetBoolean());
        Assert.True(deployment.The("Microsoft.OperationalInsights/workspaces").GetProperty("properties")
            .GetProperty("features").GetProperty("disableLocalAuth").GetBoolean());
    });

    [BicepFact]
    public async Task App_IsReachedByHttpsOnly_AndPublishedWithoutAPassword() => Assert.All(await Deployment.AllAsync(), deployment =>
    {
        var app = deployment.The("Microsoft.Web/sites").GetProperty("properties");
        var publishing = deployment.All("Microsoft.Web/sites/basicPublishingCredentialsPolicies").ToList();

        Assert.True(app.GetProperty("httpsOnly").GetBoolean());
        Assert.Contains(app.GetProperty("siteConfig").GetProperty("minTlsVersion").GetString(), new[] { "1.2", "1.3" });
        Assert.Contains(app.GetProperty("siteConfig").GetProperty("scmMinTlsVersion").GetString(), new[] { "1.2", "1.3" });
        Assert.Equal(["ftp", "scm"], deployment.Names("Microsoft.Web/sites/basicPublishingCredentialsPolicies").Order());
        Assert.All(publishing, p => Assert.False(p.GetProperty("properties").GetProperty("allow").GetBoolean()));
    });

    [BicepFact]
    public async Task App_RunsDotNet10Isolated_OnFlexConsumption_AsItsOwnIdentity()
    {
        var deployment = await Deployment.Prod;
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
        var deployment = await Deployment.Prod;
        var identity = deployment.The("Microsoft.ManagedIdentity/userAssignedIdentities").GetProperty("id").GetString()!;
        var roles = deployment.All("Microsoft.Authorization/roleAssignments").ToList();

        var storage = deployment.The("Microsoft.Storage/storageAccounts").GetProperty("id").GetString()!;
        var hub = deployment.The("Microsoft.EventHub/namespaces/eventhubs").GetProperty("id").GetString()!;
        var insights = deployment.The("Microsoft.Insights/components").GetProperty("id").GetString()!;
        var needed = new[]
        {
            (storage, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"), // Storage Blob Data Owner
            (storage, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"), // Storage Table Data Contributor
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
        var deployment = await Deployment.Prod;
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
                "AzureWebJobsStorage__tableServiceUri",
                "EventHub__clientId",
                "EventHub__credential",
                "EventHub__fullyQualifiedNamespace",
                "Kixo__Cors__AllowedOrigins",
                "Kixo__RateLimiting__ExpectedInstances",
                "OTEL_TRACES_SAMPLER",
                "OTEL_TRACES_SAMPLER_ARG",
                "Storage__blobServiceUri",
                "Storage__clientId",
                "Storage__tableServiceUri",
            ],
            settings.Keys.Order(StringComparer.Ordinal));

        Assert.Equal($"{eventHubs}.servicebus.windows.net", settings["EventHub__fullyQualifiedNamespace"]);
        Assert.All(settings.Where(s => s.Key.EndsWith("__credential", StringComparison.Ordinal)), s => Assert.Equal("managedidentity", s.Value));
        Assert.All(settings.Where(s => s.Key.EndsWith("__clientId", StringComparison.Ordinal)), s => Assert.EndsWith(".clientId]", s.Value));
        foreach (var service in new[] { "blob", "table" })
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
    public async Task AppSettings_ReachTheOptionsTheyAreNamedFor()
    {
        var deployment = await Deployment.Changed;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(deployment.The("Microsoft.Web/sites/config").GetProperty("properties").EnumerateObject()
            .Select(s => KeyValuePair.Create(s.Name.Replace("__", ":", StringComparison.Ordinal), (string?)AsAzureSays(s.Value.GetString()!))));

        await using var app = builder.AddKixo().Services.BuildServiceProvider();

        Assert.Equal("https://a.example", app.GetRequiredService<IOptions<CorsOptions>>().Value.AllowedOrigins);
        Assert.Equal(7, app.GetRequiredService<IOptions<RateLimitOptions>>().Value.ExpectedInstances);
        Assert.Equal("https://table.example/", app.GetRequiredService<TableServiceClient>().Uri.ToString());
        Assert.Equal("https://blob.example/", app.GetRequiredService<BlobServiceClient>().Uri.ToString());
        Assert.EndsWith(".servicebus.windows.net", app.GetRequiredService<EventHubProducerClient>().FullyQualifiedNamespace);

        static string AsAzureSays(string value) => Regex.Match(value, @"\.primaryEndpoints\.(\w+)\]") is { Success: true } endpoint
            ? $"https://{endpoint.Groups[1].Value}.example/"
            : value.Contains(".ConnectionString", StringComparison.Ordinal) ? "InstrumentationKey=00000000-0000-0000-0000-000000000000"
            : value.Replace("[format('ClientId={0};Authorization=AAD'", "ClientId=1;Authorization=AAD", StringComparison.Ordinal);
    }

    [BicepFact]
    public async Task Alerts_AreMailed_AndAskForMetricsThatTheAppHas()
    {
        var deployment = await Deployment.Prod;
        var mail = deployment.The("Microsoft.Insights/actionGroups");
        var alerts = deployment.All("Microsoft.Insights/scheduledQueryRules").Select(a => a.GetProperty("properties")).ToList();
        var workspace = deployment.The("Microsoft.OperationalInsights/workspaces").GetProperty("id").GetString();

        Assert.Equal(
            OperationsDocument.Alerts.Order(),
            alerts.Select(a => Regex.Replace(a.GetProperty("displayName").GetString()!, "^kixo-prod-[a-z0-9]{13}-", "")).Order());
        Assert.Equal([BicepCompiler.AlertEmail], mail.GetProperty("properties").GetProperty("emailReceivers").EnumerateArray().Select(r => r.GetProperty("emailAddress").GetString()));
        Assert.All(alerts, alert =>
        {
            var condition = Assert.Single(alert.GetProperty("criteria").GetProperty("allOf").EnumerateArray());
            var metrics = Regex.Matches(condition.GetProperty("query").GetString()!, "'(kixo[.][a-z_.]+)'").Select(m => m.Groups[1].Value);
            Assert.Subset(Instruments.All.Select(i => i.Name).ToHashSet(), metrics.ToHashSet());
            Assert.NotEmpty(metrics);
            Assert.Equal([workspace], alert.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()));
            Assert.Equal([mail.GetProperty("id").GetString()], alert.GetProperty("actions").GetProperty("actionGroups").EnumerateArray().Select(g => g.GetString()));
            Assert.True(alert.GetProperty("enabled").GetBoolean());
        });
    }

    [BicepFact]
    public async Task Alerts_WithNobodyToMailTo_AreNone() =>
        Assert.Empty((await Deployment.Dev).All("Microsoft.Insights/scheduledQueryRules"));

    [BicepFact]
    public async Task Diagnostics_OfHub_Lake_AndHost_AreKept()
    {
        var deployment = await Deployment.Prod;

        Assert.Equal(
            ["AutoScaleLogs", "FunctionAppLogs", "OperationalLogs", "StorageDelete"],
            deployment.All("Microsoft.Insights/diagnosticSettings").SelectMany(d => d.GetProperty("properties").GetProperty("logs").EnumerateArray())
                .Select(log => log.GetProperty("category").GetString()).Order());
    }

    [BicepFact]
    public async Task OldEvents_AreDeleted_AfterTheDaysGiven_OrNever()
    {
        var rule = Assert.Single((await Deployment.Changed).The("Microsoft.Storage/storageAccounts/managementPolicies")
            .GetProperty("properties").GetProperty("policy").GetProperty("rules").EnumerateArray()).GetProperty("definition");

        Assert.Equal(["events/", "dead-letters/"], rule.GetProperty("filters").GetProperty("prefixMatch").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal(90, rule.GetProperty("actions").GetProperty("baseBlob").GetProperty("delete").GetProperty("daysAfterModificationGreaterThan").GetInt32());
        Assert.Empty((await Deployment.Azd).All("Microsoft.Storage/storageAccounts/managementPolicies"));
    }

    [BicepFact]
    public async Task PrivateNetwork_HasTheAppInIt_AndIsTheOnlyWayToStorageAndHub()
    {
        var deployment = await Deployment.Changed;
        var storage = deployment.The("Microsoft.Storage/storageAccounts");
        var eventHubs = deployment.The("Microsoft.EventHub/namespaces");
        var endpoints = deployment.All("Microsoft.Network/privateEndpoints")
            .Select(e => Assert.Single(e.GetProperty("properties").GetProperty("privateLinkServiceConnections").EnumerateArray()).GetProperty("properties"))
            .Select(c => (c.GetProperty("privateLinkServiceId").GetString(), Assert.Single(c.GetProperty("groupIds").EnumerateArray()).GetString()));

        Assert.Equal("Disabled", storage.GetProperty("properties").GetProperty("publicNetworkAccess").GetString());
        Assert.Equal("Disabled", eventHubs.GetProperty("properties").GetProperty("publicNetworkAccess").GetString());
        Assert.Equal(
            [(storage.GetProperty("id").GetString(), "blob"), (storage.GetProperty("id").GetString(), "table"), (eventHubs.GetProperty("id").GetString(), "namespace")],
            endpoints);
        Assert.Equal(3, deployment.All("Microsoft.Network/privateDnsZones/virtualNetworkLinks").Count());
        Assert.Contains("appSubnetId", deployment.The("Microsoft.Web/sites").GetProperty("properties").GetProperty("virtualNetworkSubnetId").GetString());
        Assert.Contains("Microsoft.App/environments", deployment.The("Microsoft.Network/virtualNetworks").GetRawText());
    }

    [BicepFact]
    public async Task PrivateNetwork_NotAskedFor_IsNotThere()
    {
        var deployment = await Deployment.Prod;

        Assert.DoesNotContain(deployment.Resources, r => r.GetProperty("type").GetString()!.StartsWith("Microsoft.Network/", StringComparison.Ordinal));
        Assert.Equal("Enabled", deployment.The("Microsoft.Storage/storageAccounts").GetProperty("properties").GetProperty("publicNetworkAccess").GetString());
    }

    [BicepFact]
    public async Task Azd_FindsTheAppByItsService()
    {
        var service = Assert.Single(Yaml.ToJson(await File.ReadAllTextAsync(Repository.PathOf("azure.yaml")))!["services"]!.AsObject());
        var tags = (await Deployment.Prod).The("Microsoft.Web/sites").GetProperty("tags");

        Assert.Equal(service.Key, tags.GetProperty("azd-service-name").GetString());
        Assert.Equal("prod", tags.GetProperty("environment").GetString());
        Assert.True(File.Exists(Repository.PathOf((string)service.Value!["project"]!, "KixoFunctions.csproj")));
    }

    [BicepFact]
    public async Task Outputs_AreNamesAndTheUrl()
    {
        var outputs = (await Deployment.Prod).Outputs.EnumerateObject().ToDictionary(o => o.Name, o => o.Value.GetString()!);

        Assert.Equal(["appName", "eventHubsNamespaceName", "functionUrl", "storageAccountName"], outputs.Keys.Order());
        Assert.StartsWith("[format('https://{0}', reference(", outputs["functionUrl"]);
        Assert.EndsWith(".defaultHostName)]", outputs["functionUrl"]);
    }

    [BicepFact]
    public async Task ThroughputUnits_AboveTheMaximumToInflateTo_RaiseIt()
    {
        var deployment = await Deployment.Changed;
        var eventHubs = deployment.The("Microsoft.EventHub/namespaces");

        Assert.Equal(20, eventHubs.GetProperty("sku").GetProperty("capacity").GetInt32());
        Assert.Equal(20, eventHubs.GetProperty("properties").GetProperty("maximumThroughputUnits").GetInt32());
    }
}
