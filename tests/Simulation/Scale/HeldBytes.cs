using System.Reflection;

namespace AkkaCompute.Simulation.Scale;

/// <summary>
/// Bytes of all objects that can be reached from some, each counted once. An object is as large as a copy of it takes, so
/// that neither other threads nor a collection have a part in it.
/// </summary>
internal sealed class HeldBytes
{
    private static readonly Func<object, object> Copy =
        typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    private readonly HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<object> left = [];
    private readonly Dictionary<Type, FieldInfo[]> fieldsByType = [];

    /// <summary>In order; what several of them hold counts with the first.</summary>
    public static long[] Of(params IEnumerable<object>[] owners)
    {
        var held = new HeldBytes();
        return [.. owners.Select(held.Add)];
    }

    private long Add(IEnumerable<object> owners)
    {
        foreach (var owner in owners)
        {
            See(owner);
        }

        var bytes = 0L;
        while (left.TryPop(out var next))
        {
            bytes += SizeOf(next);
            if (next is not Array array)
            {
                SeeFields(next);
            }
            else if (MayRefer(array.GetType().GetElementType()!))
            {
                foreach (var element in array)
                {
                    See(element);
                }
            }
        }

        return bytes;
    }

    /// <summary>Twice: a first use, or a collection just then, is counted in.</summary>
    private static long SizeOf(object value) => Math.Min(Allocated(value), Allocated(value));

    private static long Allocated(object value)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(value is string text ? new string(' ', text.Length) : Copy(value)); // the runtime copies no string this way
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Code and types are everybody's.</summary>
    private void See(object? value)
    {
        if (value is null or MemberInfo or Delegate or Assembly or Module)
        {
            return;
        }

        if (value.GetType().IsValueType)
        {
            SeeFields(value); // boxed by reflection: it lies within its owner
        }
        else if (seen.Add(value))
        {
            left.Push(value);
        }
    }

    private void SeeFields(object value)
    {
        foreach (var field in Fields(value.GetType()))
        {
            See(field.GetValue(value));
        }
    }

    private FieldInfo[] Fields(Type type)
    {
        if (!fieldsByType.TryGetValue(type, out var fields))
        {
            const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            var all = new List<FieldInfo>();
            for (var t = type; t is not null; t = t.BaseType)
            {
                all.AddRange(t.GetFields(Own).Where(field => MayRefer(field.FieldType)));
            }

            fieldsByType.Add(type, fields = [.. all]);
        }

        return fields;
    }

    private bool MayRefer(Type type) =>
        !type.IsPointer && !type.IsPrimitive && !type.IsEnum && (!type.IsValueType || Fields(type).Length > 0);
}
