using Azure;
using CsCheck;
using Microsoft.Azure.Functions.Worker.EventHubs;

namespace Kixo.Tests.StandIns.Functions;

public sealed class FairShareTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Expiration = TimeSpan.FromMinutes(2);

    [Fact]
    public void Alone_it_claims_everything_at_once() => Assert.Equal(["0", "1", "2", "3"], Claims(4, "a", []));

    [Fact]
    public void A_newcomer_takes_its_share_from_the_richest() =>
        Assert.Equal(["0", "1"], Claims(4, "b", [Owned("0", "a"), Owned("1", "a"), Owned("2", "a"), Owned("3", "a")]));

    [Fact]
    public void An_owner_keeps_one_more_when_the_partitions_do_not_divide() =>
        Assert.Empty(Claims(3, "c", [Owned("0", "a"), Owned("1", "a"), Owned("2", "b")]).Except(["0"]));

    [Fact]
    public void What_was_given_back_or_has_expired_is_free()
    {
        var expired = Owned("1", "dead") with { ClaimedAt = Now - Expiration };

        Assert.Equal(["0", "1"], Claims(2, "a", [Owned("0", ""), expired]));
    }

    [Fact]
    public void It_renews_its_own_even_when_late() =>
        Assert.Equal(["0"], Claims(1, "a", [Owned("0", "a") with { ClaimedAt = Now - Expiration }]));

    [Fact]
    public void Instances_that_take_turns_share_evenly_and_then_leave_each_other_alone() =>
        Gen.Select(Gen.Int[1, 32], Gen.Int[1, 6], Gen.Int[0, 6].Array[0, 32]).Sample((partitions, instances, start) =>
        {
            // Any state to start from, owners that are gone (their claims never expire here) left out.
            var state = Enumerable.Range(0, partitions)
                .Select(id => Owned($"{id}", id < start.Length && start[id] < instances ? $"{start[id]}" : ""))
                .ToDictionary(it => it.PartitionId);
            for (var round = 0; round < 2 * instances; round++)
            {
                TakeTurns(state, partitions, instances);
            }

            var settled = state.ToDictionary();
            TakeTurns(state, partitions, instances);

            var counts = state.Values.CountBy(it => it.OwnerId).Select(it => it.Value).ToArray();
            Assert.Equal(settled, state);
            Assert.DoesNotContain(state.Values, it => it.OwnerId.Length == 0);
            Assert.Equal(Math.Min(partitions, instances), counts.Length);
            Assert.InRange(counts.Max() - counts.Min(), 0, partitions < instances ? 0 : 1);
        });

    private static void TakeTurns(Dictionary<string, Ownership> state, int partitions, int instances)
    {
        for (var instance = 0; instance < instances; instance++)
        {
            foreach (var partitionId in Claims(partitions, $"{instance}", state.Values))
            {
                state[partitionId] = Owned(partitionId, $"{instance}");
            }
        }
    }

    private static string[] Claims(int partitions, string ownerId, IEnumerable<Ownership> ownerships) =>
        [.. FairShare.Claims(Enumerable.Range(0, partitions).Select(id => $"{id}"), ownerships, ownerId, Now, Expiration).Select(claim => claim.PartitionId)];

    private static Ownership Owned(string partitionId, string ownerId) => new(partitionId, ownerId, Now, new ETag("1"));
}
