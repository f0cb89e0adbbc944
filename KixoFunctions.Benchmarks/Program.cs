using System.Globalization;
using Kixo.Benchmarks;
using Kixo.Benchmarks.Cost;
using Kixo.Benchmarks.Http;
using Kixo.Benchmarks.Naive;
using Kixo.Benchmarks.Start;
using Kixo.Cli;

switch (args)
{
    case ["fastest"]:
        Fastest.Print(Console.Out);
        return 0;
    case ["sizes"]:
        Sizes.Print(Console.Out);
        return 0;
    case ["cost"]:
        CostTable.Print(Console.Out);
        return 0;
    case ["http"]:
        await HttpComparison.PrintAsync(Console.Out);
        return 0;
    case ["start"]:
        await StartComparison.PrintAsync(Console.Out);
        return 0;
    case [BareApp.Command]:
        await BareApp.RunAsync();
        return 0;
    case ["naive", "--port", var port, "--data", var folder]:
        await NaiveHost.RunAsync(
            int.Parse(port, CultureInfo.InvariantCulture),
            LocalRun.Find(folder) ?? throw new ArgumentException($"No local run of {folder} is running. Start it with: dotnet run --project local/Kixo.Local -- --no-app --data {folder}"));
        return 0;
    default:
        return Suite.Run(args);
}
