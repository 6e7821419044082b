using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Protocol.Tests.Framing;

public sealed class TaskSetTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("5", 1)]
    [InlineData("0-17,19", 19)]
    [InlineData("3,1,2", 3)]
    [InlineData("0-5,3-8,9", 10)]
    public void Ranges_are_read(string text, int count) => TaskSet.Parse(text)!.Count.ShouldBe(count);

    [Theory]
    [InlineData("a")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("2-1")]
    [InlineData("1 - 2")]
    [InlineData("2147483647")]
    [InlineData("99999999999")]
    public void Anything_else_is_not(string text) => TaskSet.Parse(text).ShouldBeNull();

    [Fact]
    public void It_is_a_set_whatever_order_it_grows_in()
    {
        var random = new Random(20260101);
        for (var round = 0; round < 200; round++)
        {
            var set = new TaskSet();
            var model = new HashSet<int>();
            for (var i = 0; i < 40; i++)
            {
                var first = random.Next(60);
                var end = first + 1 + random.Next(round % 2 == 0 ? 1 : 8);
                set.Add(first, end);
                model.UnionWith(Enumerable.Range(first, end - first));
                set.Count.ShouldBe(model.Count);
            }

            for (var task = 0; task < 70; task++)
            {
                set.Contains(task).ShouldBe(model.Contains(task));
                set.NextOutside(task).ShouldBe(Enumerable.Range(task, 100).First(t => !model.Contains(t)));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0-17,19")]
    [InlineData("3,5-6")]
    public void It_is_written_as_it_is_read(string text) => TaskSet.Parse(text)!.ToString().ShouldBe(text);
}
